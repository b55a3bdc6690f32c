import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { agreeOnScores, gatherDigests } from '../../../activities/agreement/agree.ts';
import { drawSalt } from '../../../activities/agreement/draw-salt.ts';
import { withTables } from '../../../activities/agreement/tables.ts';
import { awaitMessages, sayToPeers } from '../../../activities/merge/say.ts';
import { readDirectory } from '../../../adapters/peers/directory.ts';
import { agreementDeadlines } from '../../../domain/agreement/deadlines.ts';
import type { AgreementSummary } from '../../../domain/agreement/record.ts';
import { digestBody, tableBody, tableOf } from '../../../domain/agreement/table.ts';
import { agreementDifferences } from '../../../domain/agreement/verify.ts';
import type { SubmissionRecord } from '../../../domain/cycle-record.ts';
import type { PeerDirectory } from '../../../domain/peers/directory.ts';
import { bodyDigest } from '../../../domain/peers/message.ts';
import { phaseRange } from '../../../domain/phases.ts';
import { blocks, netuid } from '../../../domain/units.ts';
import { verdict } from '../../domain/agreement/tables.ts';
import { cycleRecord } from '../../domain/cycle-fixture.ts';
import { asActivity } from '../as-activity.ts';
import { Subnet, schedule } from '../merge/subnet.ts';

const [a, b, c] = ['//A', '//B', '//C'];
const all = [a, b, c];
/** Ten blocks of Merge from block 6: digests until its fifth, tables until its tenth. */
const timing = { timeoutMs: 60_000, blockTimeMs: 1000 };

let subnet: Subnet;
beforeAll(async () => {
  subnet = await Subnet.start({ [a]: 40_000, [b]: 35_000, [c]: 25_000 });
}, 60_000);
afterAll(() => subnet[Symbol.asyncDispose]());

/** One cycle in which the test's validators say what the test makes them say. */
class Round {
  readonly cycle: number;
  readonly directory: PeerDirectory;
  readonly deadlines: ReturnType<typeof agreementDeadlines>;

  private constructor(cycle: number, directory: PeerDirectory) {
    this.cycle = cycle;
    this.directory = directory;
    this.deadlines = agreementDeadlines(schedule, cycle, timing);
  }

  static async begin(): Promise<Round> {
    // Past the Merge of the test before.
    await subnet.build();
    const cycle = await subnet.enter('Merge');
    const { start } = phaseRange(schedule, cycle, 'Merge');
    const { deps, signer } = subnet.get(a);
    return new Round(cycle, await readDirectory(deps.chain, netuid(1), signer.hotkey, start));
  }

  others = (uri: string) => this.directory.peers.filter(({ hotkey }) => hotkey !== subnet.get(uri).signer.hotkey);

  /** Says something to the others, or to some of them. */
  say(uri: string, purpose: 'scores-digest' | 'scores-table', body: string, to: readonly string[] = all) {
    const hotkeys = to.map((each) => subnet.get(each).signer.hotkey);
    const peers = this.others(uri).filter(({ hotkey }) => hotkeys.includes(hotkey));
    const message = subnet.message(uri, this.cycle, purpose, body);
    return asActivity(() => sayToPeers(subnet.get(uri).deps)({ message, peers, until: blocks(0) }));
  }

  input = (uri: string, ask: readonly string[] = all) => ({
    cycle: this.cycle,
    directory: this.directory,
    sources: ask.filter((each) => each !== uri).map((each) => subnet.access(uri, each)),
  });

  gather = (uri: string, ask: readonly string[] = all) =>
    asActivity(() => gatherDigests(subnet.get(uri).deps)(this.input(uri, ask)));

  agree = (uri: string, ask: readonly string[] = all): Promise<AgreementSummary> =>
    asActivity(() =>
      agreeOnScores(subnet.get(uri).deps)({
        ...this.input(uri, ask),
        digestsBy: this.deadlines.digests,
        tablesBy: this.deadlines.tables,
      }),
    );

  digestsOver = () => subnet.buildTo(this.deadlines.digests + 1);
}

const hotkeyOf = (uri: string) => subnet.get(uri).signer.hotkey;
const w: Readonly<Record<string, number>> = { [a]: 0.25, [b]: 0.125, [c]: 0.5 };
const verdicts = (uri: string): readonly SubmissionRecord[] => [verdict(1, w[uri] ?? 0), verdict(2, 0.25)];

async function tablesOf(uris: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const made = uris.map(async (uri) => {
    const { salt } = await drawSalt();
    return [uri, tableBody(tableOf(verdicts(uri), { by: hotkeyOf(uri), salt, abstains: false }))] as const;
  });
  return new Map(await Promise.all(made));
}

const of = (tables: ReadonlyMap<string, string>, uri: string): string => tables.get(uri) ?? '';
const digestOf = (body: string) => digestBody(bodyDigest(body));
const outcomes = ({ peers }: AgreementSummary) => Object.fromEntries(peers.map((each) => [each.hotkey, each.outcome]));
const values = (agreement: AgreementSummary) => agreement.values.map((each) => each.w);

/** All of `speaking` say everything in time. */
async function speak(round: Round, tables: ReadonlyMap<string, string>, speaking: readonly string[] = all) {
  for (const uri of speaking) await round.say(uri, 'scores-digest', digestOf(of(tables, uri)));
  if (speaking.length < all.length) await round.digestsOver();
  for (const uri of speaking) await round.say(uri, 'scores-table', of(tables, uri));
}

describe('three validators over HTTP', () => {
  test('come to the same medians, of which each record holds what they follow from', async () => {
    const round = await Round.begin();
    const tables = await tablesOf(all);
    await speak(round, tables);
    const agreements = await Promise.all(all.map((uri) => round.agree(uri)));
    for (const agreement of agreements) {
      expect(agreement).toMatchObject({ result: 'agreed', full: false, contested: [] });
      // 0.125, 0.25, 0.5 with 35, 40 and 25 % of the stake.
      expect(values(agreement)).toEqual([0.25, 0.25]);
      expect(agreement.values).toEqual(agreements[0]?.values);
    }
    const { deps } = subnet.get(a);
    const [agreement] = agreements;
    if (agreement === undefined) throw new Error('nothing was agreed');
    const { start } = phaseRange(schedule, round.cycle, 'Distribute');
    const record = {
      ...cycleRecord(verdicts(a)),
      genesis: deps.chain.genesis,
      netuid: netuid(1),
      hotkey: hotkeyOf(a),
      startBlock: start,
      schedule,
      agreement: { ...agreement, tables: [] },
    };
    const whole = await withTables(deps, record);
    expect(whole.agreement?.tables.map(({ body }) => body).toSorted()).toEqual([...tables.values()].toSorted());
    expect(await withTables(deps, whole)).toEqual(whole);
    expect(agreementDifferences(whole)).toEqual([]);
    expect(agreementDifferences(record)).not.toEqual([]);
  });

  test('wait for one that is away until the deadline, and agree without it', async () => {
    const round = await Round.begin();
    const tables = await tablesOf(all);
    for (const uri of [a, b]) await round.say(uri, 'scores-digest', digestOf(of(tables, uri)));
    expect((await round.gather(a)).heard).toEqual(expect.not.arrayContaining([hotkeyOf(c)]));
    const waiting = asActivity(async () => {
      const from = [b, c].map(hotkeyOf);
      const { digests: until } = round.deadlines;
      await awaitMessages(subnet.get(a).deps)({ purpose: 'scores-digest', cycle: round.cycle, from, until });
      return (await subnet.chain.head()).number;
    });
    await round.digestsOver();
    expect(await waiting).toBe(round.deadlines.digests + 1);
    for (const uri of [a, b]) await round.say(uri, 'scores-table', of(tables, uri));
    const agreement = await round.agree(a);
    expect(outcomes(agreement)).toEqual({ [hotkeyOf(a)]: 'agreed', [hotkeyOf(b)]: 'differs', [hotkeyOf(c)]: 'absent' });
    // Both sides of the median hold more than a third of all stake.
    expect(values(agreement)).toEqual([0.25, 0.25]);
    expect(values(await round.agree(b))).toEqual([0.25, 0.25]);
  });

  test('hear from others what its author could not hand over', async () => {
    const round = await Round.begin();
    const tables = await tablesOf(all);
    for (const uri of [a, b]) await round.say(uri, 'scores-digest', digestOf(of(tables, uri)));
    // C reaches B alone, and A asks B.
    await round.say(c, 'scores-digest', digestOf(of(tables, c)), [b]);
    expect((await round.gather(a, [b])).heard).toEqual(expect.arrayContaining(all.map(hotkeyOf)));
    for (const uri of [a, b]) await round.say(uri, 'scores-table', of(tables, uri));
    await round.say(c, 'scores-table', of(tables, c), [b]);
    const agreement = await round.agree(a, [b]);
    expect(outcomes(agreement)[hotkeyOf(c)]).toBe('differs');
    expect(agreement.heardRao).toBe(agreement.totalRao);
  });

  test('take no digest from a friend of a liar once the round is over, whatever block the friend names', async () => {
    const round = await Round.begin();
    const tables = await tablesOf(all);
    for (const uri of [a, b]) await round.say(uri, 'scores-digest', digestOf(of(tables, uri)));
    // B holds C's digest in time, and A hears of it when tables are out.
    await round.say(c, 'scores-digest', digestOf(of(tables, c)), [b]);
    await round.digestsOver();
    for (const uri of all) await round.say(uri, 'scores-table', of(tables, uri));
    expect(outcomes(await round.agree(a))[hotkeyOf(c)]).toBe('late');
    expect(outcomes(await round.agree(b))[hotkeyOf(c)]).toBe('differs');
  });

  test('leave out a table without a digest, and one that is not the announced one', async () => {
    const round = await Round.begin();
    const [tables, second] = [await tablesOf(all), await tablesOf(all)];
    for (const uri of [a, c]) await round.say(uri, 'scores-digest', digestOf(of(tables, uri)));
    await round.digestsOver();
    await round.say(a, 'scores-table', of(tables, a));
    await round.say(b, 'scores-table', of(tables, b));
    await round.say(c, 'scores-table', of(second, c));
    expect(outcomes(await round.agree(a))).toEqual({
      [hotkeyOf(a)]: 'agreed',
      [hotkeyOf(b)]: 'no_digest',
      [hotkeyOf(c)]: 'bad_table',
    });
  });

  test('leave out a table that another made, announced under one’s own name', async () => {
    const round = await Round.begin();
    const tables = await tablesOf(all);
    // C announces B's digest without knowing what it stands for, and says B's table once that is out.
    for (const uri of [a, b]) await round.say(uri, 'scores-digest', digestOf(of(tables, uri)));
    await round.say(c, 'scores-digest', digestOf(of(tables, b)));
    for (const uri of [a, b]) await round.say(uri, 'scores-table', of(tables, uri));
    await round.say(c, 'scores-table', of(tables, b));
    const agreement = await round.agree(a);
    expect(agreement.peers.find(({ hotkey }) => hotkey === hotkeyOf(c))).toMatchObject({
      outcome: 'bad_table',
      detail: `the table is that of ${hotkeyOf(b)}`,
    });
  });

  test('find out by asking each other who announced one thing here and another there', async () => {
    const round = await Round.begin();
    const [tables, second] = [await tablesOf(all), await tablesOf(all)];
    for (const uri of [a, b]) await round.say(uri, 'scores-digest', digestOf(of(tables, uri)));
    await round.say(c, 'scores-digest', digestOf(of(tables, c)), [a]);
    await round.say(c, 'scores-digest', digestOf(of(second, c)), [b]);
    for (const uri of [a, b]) await round.say(uri, 'scores-table', of(tables, uri));
    await round.say(c, 'scores-table', of(tables, c), [a]);
    await round.say(c, 'scores-table', of(second, c), [b]);
    for (const uri of [a, b]) expect(outcomes(await round.agree(uri))[hotkeyOf(c)]).toBe('equivocated');
  });

  test('publish their own where less than half of the stake is heard', async () => {
    const round = await Round.begin();
    const tables = await tablesOf(all);
    await speak(round, tables, [a]);
    const agreement = await round.agree(a);
    expect(agreement).toMatchObject({ result: 'alone', values: [], full: false });
    expect(outcomes(agreement)).toMatchObject({ [hotkeyOf(b)]: 'absent', [hotkeyOf(c)]: 'absent' });
  });

  test('agree where more than half is heard, one’s own included', async () => {
    const round = await Round.begin();
    const tables = await tablesOf(all);
    await speak(round, tables, [b, c]);
    expect(await round.agree(c)).toMatchObject({ result: 'agreed', full: false });
  });

  test('mark a table that comes after the deadline', async () => {
    const round = await Round.begin();
    const tables = await tablesOf(all);
    for (const uri of all) await round.say(uri, 'scores-digest', digestOf(of(tables, uri)));
    for (const uri of [a, b]) await round.say(uri, 'scores-table', of(tables, uri));
    await subnet.buildTo(round.deadlines.tables + 1);
    await round.say(c, 'scores-table', of(tables, c));
    expect(outcomes(await round.agree(a))[hotkeyOf(c)]).toBe('late');
  });
});
