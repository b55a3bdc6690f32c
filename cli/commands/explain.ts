import type { Ledger } from '../../adapters/ledger/open.ts';
import type { CycleRecord } from '../../domain/cycle-record.ts';
import { fail } from '../../domain/errors/error.ts';
import { explain } from '../../domain/explain/explain.ts';
import type { VectorWrite } from '../../domain/explain/explanation.ts';
import { noPast } from '../../domain/scoring/past.ts';
import { knownRule } from '../../domain/scoring/rule.ts';
import { hotkey as asHotkey, netuid as asNetuid } from '../../domain/units.ts';
import { openBooks } from '../validator-ledger.ts';

export interface ExplainOptions {
  readonly path?: string;
  readonly json?: boolean;
}

/**
 * `ostinato explain HOTKEY CYCLE`: why a miner scored what it scored. False where the cycle holds nothing of it.
 *
 * @throws OST_CYCLE_UNKNOWN where the cycle is not in the ledger
 */
export async function runExplain(
  miner: string,
  cycle: number,
  options: ExplainOptions,
  write: (line: string) => void,
): Promise<boolean> {
  await using books = await openBooks(options.path);
  const { config, identity, ledger } = books;
  const scope = { genesis: identity.genesis, netuid: asNetuid(config.netuid) };
  const stored = await ledger.cycles.get(identity.hotkey, cycle, scope);
  if (stored === null) throw fail('OST_CYCLE_UNKNOWN', { cycle, hotkey: identity.hotkey });
  const { record, root } = stored;
  const rule = knownRule(record.scoreRule);
  const state = rule === null ? noPast : await ledger.scores.state(record, rule, record.startBlock);
  const input = { record, root, hotkey: asHotkey(miner), state, write: await writeOf(ledger, record) };
  const explanation = explain(input);
  if (options.json === true) {
    write(JSON.stringify(explanation, null, 2));
    return explanation.found;
  }
  write(`Miner ${miner} in cycle ${cycle} of ${identity.hotkey}`);
  write(explanation.answer);
  for (const { step, text } of explanation.steps) write(`  ${step.padEnd(10)} ${text}`);
  return explanation.found;
}

/** What became of the cycle's vector, in a word. */
async function writeOf(ledger: Ledger, { weightsKey }: CycleRecord): Promise<VectorWrite | null> {
  const row = weightsKey === null ? null : await ledger.writes.get(weightsKey);
  if (row === null) return null;
  const { outcome, block, extrinsicHash } = row;
  return { outcome: outcome === null ? 'still open' : outcome.kind, block, extrinsicHash };
}
