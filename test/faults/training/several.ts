import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../../adapters/artifacts/store.ts';
import { openPublishedModels } from '../../../adapters/published-model/open.ts';
import { cycleId, writerId } from '../../../temporal/ids.ts';
import { until } from '../../stack/gate.ts';
import { readOutcome } from '../../stack/read-outcome.ts';
import { ScriptedMiner } from '../../stack/scripted-miner.ts';
import { type Stack, subnet } from '../../stack/stack.ts';
import { startAll } from '../../stack/start-all.ts';
import { trainedFile } from '../../stack/trained-file.ts';
import type { Cast } from './cast.ts';
import { peerStrikes } from './peer-strikes.ts';
import type { Acts, Scene } from './point.ts';
import { activityPoints, withOthersOnly } from './points.ts';

/** Beside alice, whose processes are `validator` and `server`. */
const peer = 'dave';
const validators = ['validator', peer] as const;
const servers = ['server', `${peer} server`] as const;
/** In the order of their groups. */
const miners = ['bob', 'charlie'] as const;

/**
 * Two validators with a model server each, among which the seeds divide two miners: each judges both, fetches the
 * other's submission and pseudo-gradient, and takes the step along the mean. The miners are the run's own hand: what
 * happens to a miner's process is the other cast's.
 */
export async function severalCast(): Promise<Cast & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'ostinato-faults-files-'));
  const files: string[] = [];
  for (const [group] of miners.entries()) files.push(await trainedFile(folder, group));
  return {
    name: 'several',
    seats: ['alice', peer],
    seatOf: (account) => account,
    options: (seed) => ({
      // Merge is long enough for the deadlines of its exchanges to be blocks of their own.
      schedule: [1, 1, 2, 2, 2, 1, 5, 2, 2],
      miners: [],
      scripted: miners,
      peers: [peer],
      steps: 1,
      fixedSeed: seed * 10,
      // Blocks end the agreement, and never the clock: a kill takes as long as it takes.
      validatorValues: { consensus_timeout: 3_600 },
    }),
    processes: () => [...validators, ...servers],
    start: startAll,
    noted: (_, process) => (process.endsWith('server') ? null : process),
    roles: (stack) =>
      validators.map((name) => {
        const hotkey = stack.hotkey(stack.accountOf(name));
        return {
          client: stack.client(name),
          root: cycleId(stack.chainLabel, subnet, hotkey),
          writer: writerId(stack.chainLabel, hotkey),
        };
      }),
    acts: [mining(files), losing],
    // What a validator does by itself is the other cast's, too.
    points: (noted) => [...activityPoints(noted.filter(({ name }) => withOthersOnly.has(name))), ...peerStrikes],
    outcome: async (stack, cycles) =>
      Object.fromEntries(await Promise.all(validators.map(async (name) => [name, await seenBy(stack, cycles, name)]))),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * When the cycle's model is on chain and before the next cycle begins, one validator is stopped and loses the momentum,
 * which it has from nobody but the other one.
 */
const losing: Acts = {
  before: {
    Distribute: async ({ stack }) => {
      await stack.stop(peer);
      const folder = stack.pathOf(peer);
      const store = await openStore(join(folder, 'artifacts'));
      const served = await (await openPublishedModels(join(folder, 'model'), store)).current();
      for (const { ref } of served?.manifest.momentum ?? []) await rm(store.path(ref.digest));
      await stack.start(peer);
    },
  },
};

/** What the miners do, whoever is killed meanwhile. */
function mining(files: readonly string[]): Acts {
  const crews = new WeakMap<Stack, Promise<readonly ScriptedMiner[]>>();
  const crewOf = ({ stack }: Scene): Promise<readonly ScriptedMiner[]> => {
    const crew =
      crews.get(stack) ?? Promise.all(miners.map((name, group) => ScriptedMiner.of(stack, name, files[group] ?? '')));
    crews.set(stack, crew);
    return crew;
  };
  return {
    entered: {
      MinerCommit1: async (scene) => {
        for (const miner of await crewOf(scene)) await miner.commitSignature();
      },
      MinerCommit2: async (scene) => {
        for (const [group, miner] of (await crewOf(scene)).entries()) await miner.commitHash(0, group);
      },
      Submission: async (scene) => {
        const crew = await crewOf(scene);
        await Promise.all(crew.map((miner, group) => submitted(miner, group)));
      },
    },
  };
}

/** Offers a file to all validators until the one that it is meant for has taken it. */
const submitted = (miner: ScriptedMiner, group: number): Promise<true> =>
  until(
    `a validator that takes the file of group ${group}`,
    async () => {
      for (const to of validators) {
        // A server that is just being killed refuses nothing; it is asked again.
        const result = await miner.submit({ group, to }).catch(() => null);
        if (result?.kind === 'accepted') return true;
      }
      return null;
    },
    500,
  );

/** A validator's outcome, and what it heard from the other one. */
async function seenBy(stack: Stack, cycles: readonly number[], name: string) {
  const outcome = await readOutcome(stack, cycles, name);
  const ledger = await stack.ledger(name);
  const heard = await Promise.all(
    cycles.map(async (cycle) => {
      const record = (await ledger.cycles.get(stack.hotkey(stack.accountOf(name)), cycle))?.record;
      const { merge, agreement } = record ?? {};
      return {
        merge: merge == null ? null : { ...merge, directoryBlock: null, readBack: { ...merge.readBack, block: null } },
        agreement: agreement == null ? null : { result: agreement.result, values: agreement.values },
        peers: agreement?.peers.map(({ hotkey, outcome: said }) => ({ hotkey, said })),
      };
    }),
  );
  return { ...outcome, heard };
}
