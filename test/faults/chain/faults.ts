import { requestWrite, resolveForeign, writerStatus } from '../../../workflows/writer/messages.ts';
import { callOf, send } from './others.ts';
import type { Random } from './random.ts';
import { type Around, type Bench, writerUri } from './world.ts';

/** What a fault may do, at which moment. */
export interface Fault {
  /** Before the write is asked for. */
  readonly begin?: (bench: Bench, random: Random) => Promise<void> | void;
  /** Before each block: how many were built since the write was asked for, and whether one holds it. */
  readonly beforeBlock?: (bench: Bench, random: Random, at: { since: number; included: number | null }) => unknown;
  /** An activity that dies once: with its effect done and nobody told, or before it has any. */
  readonly kills?: { readonly activity: string; readonly moment: 'before' | 'after' };
  /** Extrinsics in the hotkey's name that are not the writer's. */
  readonly foreign?: readonly string[];
}

/** Below every finality lag of the matrix, so that a reorganisation finds what it asks for. */
const deepest = 3;

const once = (when: (at: { since: number; included: number | null }) => boolean, act: NonNullable<Fault['begin']>) => {
  const done = new WeakSet<Bench>();
  return async (bench: Bench, random: Random, at: { since: number; included: number | null }): Promise<void> => {
    if (done.has(bench) || !when(at)) return;
    done.add(bench);
    await act(bench, random);
  };
};

/** So many blocks above the one that held the write first. */
const after = (blocks: number) => (at: { included: number | null; since: number }) =>
  at.included !== null && at.since >= at.included + blocks;

const kill = (activity: string, moment: 'before' | 'after'): Fault => ({ kills: { activity, moment } });

const longOutage = 24;

export const networkFaults = {
  nothing: {},
  'the socket is cut after the submission': {
    begin: ({ devnet }, random) => devnet.faults.dropAfterSubmit(random.between(1, 2)),
  },
  'the pool loses the transaction': {
    begin: ({ devnet }, random) => devnet.faults.loseTransactions(random.between(1, 2)),
  },
  'the pool loses it until its era has passed': {
    begin: ({ devnet }) => devnet.faults.loseTransactions(1_000),
    beforeBlock: once(
      ({ since }) => since >= longOutage,
      ({ devnet }) => devnet.faults.clear(),
    ),
  },
  'the pool is full': { begin: ({ devnet }, random) => devnet.faults.refuseSubmissions(random.between(1, 3)) },
  'the transaction is banned for a while': {
    begin: ({ devnet }, random) =>
      devnet.faults.refuseSubmissions(random.between(1, 3), {
        code: 1012,
        message: 'Transaction is temporarily banned',
      }),
  },
  'its block is reorganised away and it returns to the pool': {
    beforeBlock: once(after(0), ({ devnet }, random) => void devnet.faults.reorganise(random.between(1, deepest))),
  },
  'its block is reorganised away and it is lost': {
    beforeBlock: once(
      after(0),
      ({ devnet }, random) => void devnet.faults.reorganise(random.between(1, deepest), 'lose'),
    ),
  },
  'the chain reorganises again and again': {
    beforeBlock: ({ devnet }, random, { since }) => {
      if (since < 30 && random.next() < 0.3) devnet.faults.reorganise(random.between(1, deepest), 'return');
    },
  },
  'sockets are cut again and again': {
    beforeBlock: ({ devnet }, random, { since }) => {
      if (since < 30 && random.next() < 0.15) devnet.faults.dropSockets();
    },
  },
  'the endpoint answers late': {
    begin: ({ devnet }, random) => devnet.faults.delayAnswers(random.between(20, 60)),
    beforeBlock: once(
      ({ since }) => since >= 20,
      ({ devnet }) => devnet.faults.clear(),
    ),
  },
  'heads fall silent': {
    begin: ({ devnet }) => devnet.faults.stallHeads('heads'),
    beforeBlock: once(
      ({ since }) => since >= 20,
      ({ devnet }) => devnet.faults.clear(),
    ),
  },
} satisfies Readonly<Record<string, Fault>>;

export const deaths = {
  'its worker dies before it is signed': kill('prepareExtrinsic', 'before'),
  'its worker dies when it is signed': kill('prepareExtrinsic', 'after'),
  'its worker dies when it is sent': kill('submitExtrinsic', 'after'),
  'its worker dies when it is found in a block': kill('confirmExtrinsic', 'after'),
} satisfies Readonly<Record<string, Fault>>;

export const otherFaults = {
  'it is asked for again and again': {
    beforeBlock: async ({ writer, ledger }, _random, { since }) => {
      if (since > 10) return;
      const [row] = await ledger.writes.list({});
      if (row !== undefined) await writer.signal(requestWrite, row.request);
    },
  },
  'somebody else takes its nonce': {
    foreign: ['serveAxon'],
    // The writer's bytes are lost, and before they are sent again a block holds another extrinsic with their nonce.
    begin: async (bench) => {
      bench.devnet.faults.loseTransactions(1);
    },
    beforeBlock: async (bench, _random, { since }) => {
      if (since === 2) await send(bench, writerUri, axonOf(bench));
      const { stopped } = await bench.writer.query(writerStatus);
      if (stopped !== null) await bench.writer.executeUpdate(resolveForeign, { args: ['this'] });
    },
  },
} satisfies Readonly<Record<string, Fault>>;

/** Free of fees, and in nobody's way. */
const axonOf = (bench: Bench) => callOf(bench, 'SubtensorModule', 'serve_axon', 1, 1, publicAddress, 8081, 4, 4, 0, 0);

/** 203.0.113.7 as a number. */
const publicAddress = 3_405_803_783;

/** Has an activity die once, as its worker would. */
export function killer({ kills }: Fault): Around {
  let fell = false;
  return (name, run) =>
    async (...input) => {
      if (name !== kills?.activity || fell) return run(...input);
      fell = true;
      if (kills.moment === 'after') await run(...input);
      throw new Error(`${name} fell`);
    };
}
