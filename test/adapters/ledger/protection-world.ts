import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { openLedger } from '../../../adapters/ledger/open.ts';
import type { ProtectedVector } from '../../../adapters/ledger/protection.ts';
import { type PeriodKind, periodKinds } from '../../../domain/protection.ts';
import { type Blocks, blocks } from '../../../domain/units.ts';
import { alice, type Death, genesis, Machine, subnet } from './protection-machine.ts';

interface Wanted {
  readonly period: Blocks;
  readonly kind: PeriodKind;
  readonly values: readonly number[];
  readonly reversed: boolean;
}

/** What may happen to a validator. Its signatures are the claims that were granted and not followed by a death. */
export type Happening =
  | ({ readonly type: 'sign' } & Wanted)
  | ({ readonly type: 'die' } & Wanted & Death)
  | { readonly type: 'restart' }
  /** Keeps an export, which is stale soon. */
  | { readonly type: 'keep'; readonly from: Blocks | null }
  /** Imports an export that was kept. */
  | { readonly type: 'reimport'; readonly which: number }
  /** Imports what somebody else signed with the hotkey; null is a vector that nobody knows. */
  | {
      readonly type: 'foreign';
      readonly entries: readonly (Omit<Wanted, 'values'> & { values: readonly number[] | null })[];
    }
  /** The old machine stops, the new one imports its history and goes on. */
  | { readonly type: 'move'; readonly from: Blocks | null };

const wanted = {
  period: fc.nat(29).map((n) => blocks(n * 45)),
  kind: fc.constantFrom(...periodKinds),
  values: fc.array(fc.nat(2), { minLength: 2, maxLength: 2 }),
  reversed: fc.boolean(),
};
const from = fc.option(
  fc.nat(7).map((n) => blocks(n * 45)),
  { freq: 2 },
);
const entries = fc.array(fc.record({ ...wanted, values: fc.option(wanted.values, { freq: 9 }) }), { maxLength: 3 });

export const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 600, arbitrary: fc.record({ type: fc.constant('sign'), ...wanted }) },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('die'),
      ...wanted,
      afterStatement: fc.integer({ min: 1, max: 6 }),
      kept: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('restart') }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('keep'), from }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('reimport'), which: fc.nat(9) }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('foreign'), entries }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('move'), from }) },
);

const vectorOf = ({ period, kind, values, reversed }: Wanted): ProtectedVector => ({
  genesis,
  netuid: subnet,
  mecid: 0,
  hotkey: alice,
  kind,
  period,
  uids: reversed ? [2, 1] : [1, 2],
  values: reversed ? values.toReversed() : values,
});

const unknown = 'unknown';

/** Two machines of one hotkey, and everything that was ever signed with it. */
export class World {
  readonly #folder: string;
  readonly #machines: readonly [Machine, Machine];
  readonly #kept: string[] = [];
  /** By kind and period: the vectors that exist, ours and others'. */
  readonly #signed = new Map<string, Set<string>>();
  #active: 0 | 1 = 0;
  /** Signatures that were made. */
  signatures = 0;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#machines = [new Machine(folder, 'a'), new Machine(folder, 'b')];
  }

  static async open(parent: string, template: string): Promise<World> {
    const world = new World(mkdtempSync(join(parent, 'world-')));
    for (const machine of world.#machines) await machine.start(template);
    return world;
  }

  async close(): Promise<void> {
    for (const machine of this.#machines) await machine.off();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #machine(): Machine {
    return this.#machines[this.#active];
  }

  /** Throws where a signature is made beside another one for its period. */
  async play(event: Happening): Promise<void> {
    switch (event.type) {
      case 'sign':
        return this.#sign(event);
      case 'die':
        return this.#machine.claimAndDie(vectorOf(event), event);
      case 'restart':
        return this.#machine.restart();
      case 'keep':
        this.#kept.push(await this.#machine.export(event.from));
        return;
      case 'reimport': {
        const text = this.#kept[event.which];
        if (text !== undefined) await this.#machine.import(text);
        return;
      }
      case 'foreign':
        for (const { period, kind, values } of event.entries) this.#know(period, kind, values?.join() ?? unknown);
        await this.#machine.import(foreignFile(event.entries));
        return;
      case 'move': {
        const text = await this.#machine.export(event.from);
        this.#active = this.#active === 0 ? 1 : 0;
        await this.#machine.import(text);
      }
    }
  }

  async #sign(wish: Wanted): Promise<void> {
    const granted = await this.#machine.claim(vectorOf(wish)).catch((error: unknown) => codeOf(error));
    if (granted !== 'new' && granted !== 'same') return;
    this.signatures += 1;
    const known = this.#know(wish.period, wish.kind, wish.values.join());
    if (known.size > 1) {
      throw new Error(`${granted} for ${wish.kind} ${wish.period}: ${[...known].join(' and ')} are signed`);
    }
  }

  #know(period: Blocks, kind: PeriodKind, vector: string): ReadonlySet<string> {
    const key = `${kind}/${period}`;
    const known = this.#signed.get(key) ?? new Set();
    this.#signed.set(key, known.add(vector));
    return known;
  }
}

const refusals = ['OST_PROTECTION_CONFLICT', 'OST_PROTECTION_SEALED', 'OST_PROTECTION_BEFORE_HISTORY'];

/** Refusals are what the record is for; anything else is a failure of the test. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!refusals.includes(code)) throw error;
  return code;
}

function foreignFile(entries: Extract<Happening, { type: 'foreign' }>['entries']): string {
  const data = periodKinds.map((kind) => ({
    hotkey: alice,
    netuid: subnet,
    mecid: 0,
    kind,
    complete_from: '0',
    periods: entries
      .filter((entry) => entry.kind === kind)
      .map(({ period, values }) => ({ period: String(period), ...(values === null ? {} : { uids: [1, 2], values }) })),
  }));
  const metadata = { interchange_format: 'ostinato-protection', interchange_format_version: '1', genesis };
  return JSON.stringify({ metadata, data });
}

/** Plays `runs` lives of `length` events each and gives the number of signatures; throws the first contradiction. */
export async function playLives(
  folder: string,
  runs: number,
  length: number,
  parameters: { readonly seed?: number; readonly endOnFailure?: boolean } = {},
): Promise<number> {
  const template = join(folder, 'template.sqlite');
  await (await openLedger({ file: template })).close();
  let signatures = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: length, maxLength: length, size: 'max' }), async (events) => {
      const world = await World.open(folder, template);
      try {
        for (const event of events) await world.play(event);
        signatures += world.signatures;
      } finally {
        await world.close();
      }
    }),
    // Small numbers are no edge of anything here.
    { numRuns: runs, unbiased: true, ...parameters },
  );
  return signatures;
}
