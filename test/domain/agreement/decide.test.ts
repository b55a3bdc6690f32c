import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AgreementInput, decideAgreement, type HeldMessage } from '../../../domain/agreement/decide.ts';
import { digestBody } from '../../../domain/agreement/table.ts';
import { blocks } from '../../../domain/units.ts';
import { minerHotkey } from '../cycle-fixture.ts';
import { digestsBy, heldOf, noOpinion, type Said, table, tablesBy, validatorHotkey, verdict } from './tables.ts';

const rao = 1_000_000_000;

/** What comes of what validators 0, 1, 2 … with these stakes said; the first is oneself. */
function decided(stakes: readonly number[], said: readonly (Said | null)[], changes: Partial<AgreementInput> = {}) {
  const peers = stakes.map((stake, number) => ({ hotkey: validatorHotkey(number), stakeRao: String(stake * rao) }));
  const held = said.flatMap((each, number) => (each === null ? [] : [heldOf(number, each)]));
  return decideAgreement({
    own: validatorHotkey(0),
    directory: { block: blocks(54), peers },
    digests: held.flatMap(({ digests }) => digests),
    tables: held.flatMap(({ tables }) => tables),
    digestsBy,
    tablesBy,
    ...changes,
  });
}

const says = (number: number, ...w: readonly (number | null)[]): Said => ({
  table: table(
    number,
    w.map((each, miner) => (each === null ? noOpinion(miner) : verdict(miner, each))),
  ),
});
const outcomes = (agreement: ReturnType<typeof decided>) => agreement.peers.map(({ outcome }) => outcome);
const valuesOf = (agreement: ReturnType<typeof decided>) => agreement.values.map(({ w }) => w);

describe('what validators agree on', () => {
  test('is the stake-weighted median of each miner, which is one of their values', () => {
    const agreement = decided([1, 1, 1], [says(0, 0.5, 0.125), says(1, 0.25, 0.125), says(2, 0.375, 0.125)]);
    expect(agreement).toMatchObject({ result: 'agreed', full: false, contested: [], heardRao: '3000000000' });
    expect(agreement.values).toEqual([
      { hotkey: minerHotkey(0), w: 0.375, lossBefore: 4, voters: 3, stakeRao: '3000000000' },
      { hotkey: minerHotkey(1), w: 0.125, lossBefore: 4, voters: 3, stakeRao: '3000000000' },
    ]);
    expect(outcomes(agreement)).toEqual(['agreed', 'differs', 'differs']);
    expect(agreement.peers[1]?.detail).toBe(`on 1 of 2 miners, ${minerHotkey(0)} among them`);
  });

  test('is what more stake says, however many say otherwise', () => {
    expect(valuesOf(decided([5, 1, 1], [says(0, 0.5), says(1, 0.1), says(2, 0.1)]))).toEqual([0.5]);
  });

  test('is the lower of two middle values: nothing is averaged', () => {
    expect(
      valuesOf(
        decided(
          [1, 1, 1, 1],
          [0.125, 0.25, 0.375, 0.5].map((w, i) => says(i, w)),
        ),
      ),
    ).toEqual([0.25]);
  });

  test('is full where nobody is missing and losses differ by no more than processors do', () => {
    const near = { table: table(1, [{ ...verdict(0, 0.25), lossAfter: 3 * (1 + 9e-6) }]) };
    expect(decided([1, 1], [says(0, 0.25), near])).toMatchObject({ full: true, result: 'agreed' });
    const far = { table: table(1, [{ ...verdict(0, 0.25), lossAfter: 3 * (1 + 2e-5) }]) };
    const differing = decided([1, 1], [says(0, 0.25), far]);
    expect([differing.full, ...outcomes(differing)]).toEqual([false, 'agreed', 'differs']);
  });

  test('of a validator alone is its own table', () => {
    const agreement = decided([1], [says(0, 0.25, 0, null)]);
    expect(agreement).toMatchObject({ full: true, result: 'agreed' });
    expect(agreement.values.map(({ hotkey, w }) => [hotkey, w])).toEqual([
      [minerHotkey(0), 0.25],
      [minerHotkey(1), 0],
    ]);
  });

  test('is not asked of who has no opinion on a miner, and holds for them too', () => {
    const agreement = decided([4, 1, 1], [says(0, null, 0.5), says(1, 0.25, null), says(2, 0.25, null)]);
    expect(agreement.values.map(({ w, voters }) => [w, voters])).toEqual([[0.5, 1]]);
    // Two of six are no more than a third.
    expect(agreement.contested).toEqual([minerHotkey(0)]);
    const more = decided([3, 1, 1], [says(0, null, 0.5), says(1, 0.25, null), says(2, 0.25, null)]);
    expect(more.values.map(({ w, voters }) => [w, voters])).toEqual([
      [0.25, 2],
      [0.5, 1],
    ]);
    expect(more.full).toBe(true);
  });

  test('counts everybody alike where nobody has any stake', () => {
    expect(valuesOf(decided([0, 0, 0], [says(0, 0.125), says(1, 0.25), says(2, 0.5)]))).toEqual([0.25]);
  });

  test('does not hang on those without stake where others have some', () => {
    const agreement = decided([1, 0, 0, 0], [says(0, 0.125), says(1, 0.5), says(2, 0.5), says(3, 0.5, 0.5)]);
    expect(valuesOf(agreement)).toEqual([0.125]);
  });
});

describe('half of the stake', () => {
  test.each([
    ['less than half leaves each with its own', [49, 51], 'alone', []],
    ['half is enough', [50, 50], 'agreed', [0.25]],
    ['more than half is enough', [51, 49], 'agreed', [0.25]],
  ] as const)('%s', (_name, stakes, result, values) => {
    const agreement = decided(stakes, [says(0, 0.25), null]);
    expect(agreement).toMatchObject({
      result,
      full: false,
      heardRao: String(stakes[0] * rao),
      totalRao: '100000000000',
    });
    expect([outcomes(agreement), valuesOf(agreement)]).toEqual([['agreed', 'absent'], values]);
  });

  test('is of what counts: who was late with its own digest does not count itself', () => {
    const agreement = decided([60, 40], [{ ...says(0, 0.25), digestAt: 58 }, says(1, 0.5)]);
    expect(agreement).toMatchObject({ result: 'alone', values: [] });
    expect(outcomes(agreement)).toEqual(['late', 'differs']);
  });

  test('a value that liars among the heard could have made is contested, and each keeps its own', () => {
    const agreement = decided([3, 3, 2, 2], [says(0, 0.25, 0.5), null, says(2, 0.75, 0.5), null]);
    expect(agreement).toMatchObject({ result: 'agreed', full: false, contested: [minerHotkey(0)] });
    expect(agreement.values.map(({ hotkey }) => hotkey)).toEqual([minerHotkey(1)]);
  });
});

describe('a table', () => {
  const honest = says(0, 0.25);
  const other = says(1, 0.5);
  const bodies = heldOf(1, other);
  test.each<readonly [string, string, Said | null]>([
    ['that never came', 'absent', null],
    ['whose digest came after the deadline', 'late', { ...other, digestAt: 58 }],
    ['that came after the deadline', 'late', { ...other, tableAt: 62 }],
    ['that was announced alone', 'no_table', { ...other, tableAt: null }],
    ['that was not announced', 'no_digest', { ...other, digestAt: null }],
    ['that is not the announced one', 'bad_table', { ...other, announces: digestBody('a'.repeat(64)) }],
    ['whose digest is none', 'bad_table', { ...other, announces: '{"table":7}' }],
    ['that is another’s', 'bad_table', says(0, 0.25)],
    ['of a validator that abstained', 'abstains', { table: table(1, [verdict(0, 0.5)], true) }],
  ])('%s is left out: %s', (_name, outcome, said) => {
    const agreement = decided([2, 1], [honest, said]);
    expect(outcomes(agreement)).toEqual(['agreed', outcome]);
    expect([agreement.result, valuesOf(agreement), agreement.full]).toEqual(['agreed', [0.25], false]);
  });

  test('of a validator that signed two different digests is left out, whichever came first', () => {
    for (const receivedAtBlock of [55, 60].map(blocks)) {
      const second = { from: validatorHotkey(1), body: digestBody('b'.repeat(64)), receivedAtBlock };
      const digests = [...heldOf(0, honest).digests, ...bodies.digests, second];
      expect(outcomes(decided([2, 1], [honest, other], { digests }))).toEqual(['agreed', 'equivocated']);
    }
  });

  test('that was announced counts, whatever its author sends beside it', () => {
    for (const receivedAtBlock of [55, 60].map(blocks)) {
      const second = { from: validatorHotkey(1), body: '{}', receivedAtBlock };
      const tables = [...heldOf(0, honest).tables, ...bodies.tables, second];
      expect(outcomes(decided([2, 1], [honest, other], { tables }))).toEqual(['agreed', 'differs']);
    }
  });

  test('of a stranger is noted and moves nothing', () => {
    const stranger = heldOf(7, says(7, 0.9));
    const own = heldOf(0, honest);
    const agreement = decided([1], [honest], {
      digests: [...own.digests, ...stranger.digests],
      tables: [...own.tables, ...stranger.tables],
    });
    expect(agreement.peers).toMatchObject([{ outcome: 'agreed' }, { hotkey: validatorHotkey(7), outcome: 'stranger' }]);
    expect([valuesOf(agreement), agreement.full]).toEqual([[0.25], true]);
  });

  test('of one’s own that abstained agrees on nothing', () => {
    const agreement = decided([1, 1], [{ table: table(0, [], true) }, other]);
    expect(agreement).toMatchObject({ result: 'abstained', values: [], full: false });
  });
});

/** Values that often tie, and zero among them. */
const w = fc.constantFrom(0, 0.01, 0.1, 0.1000001, 0.25, 0.5, 0.999);
const miners = 3;
const votes = fc.array(fc.option(w), { minLength: miners, maxLength: miners });
const validators = fc.array(
  fc.record({ stake: fc.nat({ max: 20 }), votes, silent: fc.boolean(), liar: fc.boolean() }),
  {
    minLength: 1,
    maxLength: 8,
  },
);

describe('the rule', () => {
  test('lets no liars of up to a third of all stake move a miner beyond what honest validators say', () => {
    fc.assert(
      fc.property(validators, (all) => {
        const total = all.reduce((sum, { stake }) => sum + stake, 0);
        fc.pre(total > 0);
        let lying = 0;
        // As many of the would-be liars as fit into a third.
        const liars = all.map(({ stake, liar }) => {
          const lies = liar && (lying + stake) * 3 <= total;
          if (lies) lying += stake;
          return lies;
        });
        const agreement = decided(
          all.map(({ stake }) => stake),
          all.map(({ votes: said, silent }, number) => (silent && number > 0 ? null : says(number, ...said))),
        );
        for (const { hotkey, w: agreed } of agreement.values) {
          const honest = all.flatMap(({ votes: said, silent }, number) => {
            const vote = said[Number(hotkey.slice(-3))];
            return vote == null || liars[number] === true || (silent && number > 0) ? [] : [vote];
          });
          expect(agreed).toBeGreaterThanOrEqual(Math.min(...honest) * (1 - 1e-5));
          expect(agreed).toBeLessThanOrEqual(Math.max(...honest) * (1 + 1e-5));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('says the same in whatever order and however often it hears', () => {
    const shuffled = validators.chain((all) => {
      const held = all.map(({ votes: said }, number) => heldOf(number, says(number, ...said)));
      const digests = held.flatMap((each) => each.digests);
      const tables = held.flatMap((each) => each.tables);
      const mixed = (messages: readonly HeldMessage[]) => {
        const again = messages.map((each) => ({ ...each, receivedAtBlock: blocks(each.receivedAtBlock + 1) }));
        const both = [...messages, ...again];
        return fc.shuffledSubarray(both, { minLength: both.length });
      };
      const peers = all.map(({ stake }, number) => ({ hotkey: validatorHotkey(number), stakeRao: String(stake) }));
      const input = { own: validatorHotkey(0), digestsBy, tablesBy };
      return fc.record({
        plain: fc.constant({ ...input, directory: { block: blocks(54), peers }, digests, tables }),
        order: fc.shuffledSubarray(peers, { minLength: peers.length }),
        digests: mixed(digests),
        tables: mixed(tables),
      });
    });
    fc.assert(
      fc.property(shuffled, ({ plain, order, digests, tables }) => {
        const again = { ...plain, directory: { block: blocks(54), peers: order }, digests, tables };
        expect(decideAgreement(again)).toEqual(decideAgreement(plain));
      }),
    );
  });

  test('gives every validator that heard the same the same values, to the last bit', () => {
    fc.assert(
      fc.property(validators, (all) => {
        const stakes = all.map(({ stake }) => stake);
        const said = all.map(({ votes: each }, number) => says(number, ...each));
        const [first, ...others] = all.map((_, number) => {
          const { values, contested, result } = decided(stakes, said, { own: validatorHotkey(number) });
          return JSON.stringify({ values, contested, result });
        });
        for (const other of others) expect(other).toBe(first);
      }),
    );
  });
});
