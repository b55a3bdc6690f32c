import { fail } from '../../domain/errors/error.ts';
import { type RankMove, type RescoredCycle, rescore } from '../../domain/rescore.ts';
import { pastNeeded } from '../../domain/scoring/past.ts';
import { ruleOf, type StrategyName } from '../../domain/scoring/rule.ts';
import { netuid as asNetuid, blocks } from '../../domain/units.ts';
import { textTable } from '../table.ts';
import { openBooks } from '../validator-ledger.ts';

export interface RescoreOptions {
  readonly path?: string;
  readonly strategy: StrategyName;
  readonly cycles: number;
  readonly alpha?: number;
  readonly json?: boolean;
}

/** `ostinato rescore`: what another strategy would have made of the last cycles. Changes nothing. */
export async function runRescore(options: RescoreOptions, write: (line: string) => void): Promise<void> {
  await using books = await openBooks(options.path);
  const { config, identity, ledger } = books;
  const rule = ruleOf(options.strategy, options.alpha ?? config.score_ema_alpha);
  const scope = { genesis: identity.genesis, netuid: asNetuid(config.netuid) };
  const wanted = options.cycles + pastNeeded(rule);
  const records = await ledger.cycles.before(identity.hotkey, scope, blocks(Number.MAX_SAFE_INTEGER), wanted);
  const cycles = rescore(rule, records, options.cycles);
  const [newest] = cycles;
  if (newest === undefined) throw fail('OST_CYCLE_NONE', { hotkey: identity.hotkey });
  if (options.json === true) {
    write(JSON.stringify({ validator: identity.hotkey, rule, cycles: cycles.toReversed() }, null, 2));
    return;
  }
  write(
    `${rule.name} ${rule.version} over the last ${cycles.length} cycles of ${identity.hotkey}. Nothing is changed.`,
  );
  write(textTable(['cycle', 'result', 'scored by', 'L1', 'cosine'], cycles.toReversed().map(cycleRow)));
  write('L1 is the sum of the absolute differences of all shares: 0 where the vectors are equal, 2 at most.');
  write(`Ranks and shares in cycle ${newest.cycle}:`);
  write(textTable(['hotkey', 'uid', 'rank', 'was', 'move', 'share', 'was'], newest.moves.map(moveRow)));
}

const cycleRow = ({ cycle, result, recorded, l1, cosine }: RescoredCycle) => [
  String(cycle),
  result,
  `${recorded.name} ${recorded.version}`,
  l1.toFixed(4),
  cosine === null ? '–' : cosine.toFixed(4),
];

const moveRow = ({ hotkey, uid, rankBefore, rankAfter, shareBefore, shareAfter }: RankMove) => [
  hotkey,
  String(uid),
  rankAfter === null ? '–' : String(rankAfter),
  rankBefore === null ? '–' : String(rankBefore),
  moveOf(rankBefore, rankAfter),
  shareAfter.toFixed(4),
  shareBefore.toFixed(4),
];

function moveOf(before: number | null, after: number | null): string {
  if (before === null) return after === null ? '' : 'in';
  if (after === null) return 'out';
  return before === after ? '0' : before > after ? `+${before - after}` : String(before - after);
}
