import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { VerdictOutcome } from '../../../activities/miner/activities.ts';
import { fetchVerdict } from '../../../activities/miner/fetch-verdict.ts';
import type { VerdictNumbers } from '../../../adapters/metrics/miner-metrics.ts';
import { signedBy } from '../../../adapters/peers/check.ts';
import { verifySignature } from '../../../adapters/wallet/verify.ts';
import { cycleRoot } from '../../../domain/cycle-leaves.ts';
import type { CycleRecord } from '../../../domain/cycle-record.ts';
import type { PeerMessage, SignedPeerMessage } from '../../../domain/peers/message.ts';
import { encodeSignature } from '../../../domain/signed-message.ts';
import { blocks, type Hotkey, netuid } from '../../../domain/units.ts';
import { rootBody, rootMessage, type ShownVerdict } from '../../../domain/verdict.ts';
import { cycleRecord, submission } from '../../domain/cycle-fixture.ts';
import { type Person, people, ServerFixture } from '../../server/model/fixture.ts';

const genesis = `0x${'ab'.repeat(32)}` as const;
const own = people.miner.hotkey;

/** A cycle in which this miner and two others were judged. */
const record: CycleRecord = {
  ...cycleRecord([submission(1), { ...submission(2), hotkey: own }, submission(3)]),
  genesis,
  hotkey: people.validator.hotkey,
};

function signed(changes: Partial<PeerMessage> = {}, by: Person = people.validator): SignedPeerMessage {
  const message: PeerMessage = { ...rootMessage(record, cycleRoot(record)), ...changes };
  return signedBy(message, (bytes) => encodeSignature(by.sign(bytes)));
}

let fixture: ServerFixture;
beforeEach(async () => {
  fixture = await ServerFixture.create();
});
afterEach(() => fixture.end());

interface Asking {
  readonly hotkey?: Hotkey;
  readonly cycle?: number;
  /** Left out: the cycle's number. */
  readonly index?: number;
  readonly url?: string;
  readonly token?: string;
}

/** Serves a record, or a changed answer, and has the miner ask for its verdict. */
async function asked(
  root: SignedPeerMessage | null = signed(),
  { hotkey = own, cycle = record.cycle, index = cycle, url = '', token = '' }: Asking = {},
) {
  if (fixture.app === null) {
    const find = async (at: number) => (at === record.cycle ? { record, root } : null);
    await fixture.start({ verdicts: { find }, ...(token === '' ? {} : { token }) });
  }
  const lines: { fields: object; text: string }[] = [];
  const numbers: VerdictNumbers[] = [];
  const note = (fields: object, text: string) => lines.push({ fields, text });
  const outcome: VerdictOutcome = await fetchVerdict({
    hotkey,
    netuid: netuid(record.netuid),
    token: token === '' ? null : token,
    chain: { genesis },
    verify: verifySignature,
    log: { debug: () => undefined, info: note, warn: note, error: note },
    metrics: { verdict: (_, values) => numbers.push(values) },
  })({
    cycle,
    cycleIndex: index,
    group: 1,
    validator: { hotkey: people.validator.hotkey, uid: 0, url: url === '' ? fixture.url : url, committed: null },
  });
  return { outcome, lines, numbers };
}

describe('a miner that asks for its verdict', () => {
  test('gets it with its losses and its score, logs it and counts it', async () => {
    const { outcome, lines, numbers } = await asked();
    const score = record.scores.find(({ hotkey }) => hotkey === own)?.after ?? Number.NaN;
    expect(outcome).toMatchObject({
      kind: 'verdict',
      verdict: {
        cycle: record.cycle,
        root: cycleRoot(record),
        submission: { hotkey: own, outcome: 'ok', lossBefore: 4, lossAfter: 3, w: 0.25 },
        score: { hotkey: own, after: score },
      },
    });
    expect(numbers).toEqual([{ lossBefore: 4, lossAfter: 3, w: 0.25, score }]);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.text).toBe(
      `<verdict> cycle=7 outcome=ok loss_before=4.0000 loss_after=3.0000 w_i=0.2500 score=${score.toFixed(6)} root=${cycleRoot(record)}`,
    );
  });

  test('needs the server’s token where it has one', async () => {
    expect((await asked(signed(), { token: 'geheim' })).outcome.kind).toBe('verdict');
  });

  test('before the cycle is closed, or of a server that is away, is told to come back', async () => {
    expect((await asked(signed(), { cycle: 8 })).outcome).toEqual({ kind: 'not_yet' });
    expect((await asked(signed(), { url: 'http://127.0.0.1:9' })).outcome).toEqual({ kind: 'not_yet' });
  });

  test('may count its cycles otherwise than the validator: both know the cycle by its place on the chain', async () => {
    const { outcome, lines } = await asked(signed(), { cycle: 3, index: record.cycle });
    expect(outcome).toMatchObject({ kind: 'verdict', verdict: { cycle: record.cycle, submission: { hotkey: own } } });
    expect(lines[0]?.text).toMatch(/^<verdict> cycle=3 outcome=ok /);
  });

  test('and was not judged is told so', async () => {
    expect((await asked(signed(), { hotkey: people.other.hotkey })).outcome).toMatchObject({
      kind: 'absent',
      code: 'OST_VERDICT_NONE',
    });
  });

  test('whose signature is on its way is told to come back, and is told when none came', async () => {
    fixture.head = blocks(record.endBlock + 10);
    expect((await asked(null)).outcome).toEqual({ kind: 'not_yet' });
    // A miner that comes back every few blocks is no news to the validator's operator.
    expect(fixture.lines.filter(({ event }) => event === 'request_refused').map(({ level }) => level)).toEqual([20]);
    fixture.head = blocks(record.endBlock + 11);
    expect((await asked(null)).outcome).toMatchObject({ kind: 'absent', code: 'OST_VERDICT_UNSIGNED' });
  });

  test.each<[string, () => SignedPeerMessage, string]>([
    ['of another validator’s hand', () => signed({}, people.other), 'signature'],
    ['of another validator', () => signed({ from: people.other.hotkey }, people.other), 'something else'],
    ['of another cycle', () => signed({ cycle: 6 }), 'something else'],
    ['of another subnet', () => signed({ netuid: netuid(9) }), 'something else'],
    ['of another chain', () => signed({ genesis: `0x${'cd'.repeat(32)}` }), 'something else'],
    ['that is something else', () => signed({ purpose: 'scores-digest' }), 'something else'],
    ['of another record', () => signed({ body: rootBody('ef'.repeat(32)) }), 'not under the root'],
    ['without a root', () => signed({ body: '{}' }), 'no root'],
  ])('believes no root %s', async (_, root, detail) => {
    const { outcome, numbers } = await asked(root());
    expect(outcome).toMatchObject({ kind: 'unverifiable', detail: expect.stringContaining(detail) });
    expect(numbers).toEqual([]);
  });
});

describe('a server that lies', () => {
  async function answering(change: (shown: ShownVerdict) => unknown): Promise<VerdictOutcome> {
    await asked();
    const honest: unknown = await (await fetch(`${fixture.url}/verdicts/${record.cycle}/${own}`)).json();
    const body = JSON.stringify(change(honest as ShownVerdict));
    const liar = createServer((_, response) => response.end(body)).listen(0, '127.0.0.1');
    await new Promise((resolve) => liar.once('listening', resolve));
    const address = liar.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      return (await asked(signed(), { url: `http://127.0.0.1:${port}` })).outcome;
    } finally {
      liar.close();
    }
  }

  const another = (shown: ShownVerdict) => ({
    ...shown,
    submission: shown.submission && { ...shown.submission, leaf: shown.submission.leaf.replace('"w":0.25', '"w":0.5') },
  });

  test.each<[string, (shown: ShownVerdict) => unknown, string]>([
    ['with a row that it changed', another, 'not under the root'],
    ['with a score for a submission', (shown) => ({ ...shown, submission: shown.score }), "somebody else's"],
    [
      'with no proof',
      ({ submission: row, ...rest }) => ({ ...rest, submission: { leaf: row?.leaf } }),
      'not under the root',
    ],
    ['with no root', ({ root: _, ...rest }) => rest, 'no signed message'],
    ['with nothing', () => null, 'no signed message'],
  ])('%s is found out', async (_, change, detail) => {
    expect(await answering(change)).toMatchObject({ kind: 'unverifiable', detail: expect.stringContaining(detail) });
  });
});
