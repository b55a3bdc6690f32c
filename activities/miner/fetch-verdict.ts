import { request } from 'undici';
import { readRefusal } from '../../adapters/artifacts/transfer/answer.ts';
import { isAuthentic } from '../../adapters/peers/check.ts';
import { messageOf } from '../../domain/errors/error.ts';
import type { ValidatorSeat } from '../../domain/miner-plan.ts';
import { checkVerdict, type Verdict } from '../../domain/verdict.ts';
import type { MinerIoActivities, VerdictOutcome } from './activities.ts';
import type { MinerIoDeps } from './deps.ts';
import { bearer } from './download.ts';

const patienceMs = 10_000;
/** Two rows and their proofs are a few kilobytes. */
const maxBytes = 256 * 1024;

/** What asking stands on. */
export interface VerdictDeps extends Pick<MinerIoDeps, 'hotkey' | 'netuid' | 'token' | 'verify' | 'log'> {
  readonly chain: Pick<MinerIoDeps['chain'], 'genesis'>;
  readonly metrics: Pick<MinerIoDeps['metrics'], 'verdict'>;
}

/**
 * Asks a validator how it judged this miner in a cycle, and believes only what its signature and the proofs show. The
 * verdict goes to the log and the metrics; nothing depends on it.
 */
export const fetchVerdict =
  (deps: VerdictDeps): MinerIoActivities['fetchVerdict'] =>
  async ({ cycle, cycleIndex = cycle, validator, group }) => {
    const outcome = await ask(deps, { cycle: cycleIndex, validator });
    if (outcome.kind === 'verdict') tell(deps, cycle, group, outcome.verdict);
    else if (outcome.kind !== 'not_yet') {
      const fields = { event: 'verdict_missing', hotkey: deps.hotkey, cycle, validator: validator.hotkey, ...outcome };
      deps.log.warn(fields, `No verdict of cycle ${cycle} from ${validator.hotkey}: ${outcome.detail}`);
    }
    return outcome;
  };

interface Asked {
  /** The originals' index. */
  readonly cycle: number;
  readonly validator: ValidatorSeat;
}

async function ask(deps: VerdictDeps, { cycle, validator }: Asked): Promise<VerdictOutcome> {
  const { hotkey, chain, netuid, verify } = deps;
  const signal = AbortSignal.timeout(patienceMs);
  let value: unknown;
  try {
    const url = `${validator.url}/verdicts/${cycle}/${hotkey}`;
    const answer = await request(url, { headers: bearer(deps.token), signal });
    if (answer.statusCode !== 200) {
      const { code, detail } = await readRefusal(answer);
      if (code === 'OST_VERDICT_NOT_YET') return { kind: 'not_yet' };
      return { kind: 'absent', code, detail };
    }
    const length = Number(answer.headers['content-length'] ?? 0);
    if (length > maxBytes) {
      answer.body.destroy();
      return { kind: 'unverifiable', detail: `it has ${length} bytes` };
    }
    value = JSON.parse(await answer.body.text());
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'unverifiable', detail: 'it is no JSON' };
    // A server that is away for a moment has not said that there is none.
    deps.log.debug({ event: 'verdict_unreachable', cycle, url: validator.url }, messageOf(error));
    return { kind: 'not_yet' };
  }
  const authentic = (message: Parameters<typeof isAuthentic>[0]) => isAuthentic(message, verify);
  const { genesis } = chain;
  const checked = checkVerdict(value, { validator: validator.hotkey, genesis, netuid, cycle, hotkey, authentic });
  return typeof checked === 'string'
    ? { kind: 'unverifiable', detail: checked }
    : { kind: 'verdict', verdict: checked };
}

const shown = (value: number | null | undefined, digits = 4): string => value?.toFixed(digits) ?? 'None';

function tell({ log, metrics, hotkey }: VerdictDeps, cycle: number, group: number, verdict: Verdict): void {
  const { submission, score, root } = verdict;
  const numbers = {
    lossBefore: submission?.lossBefore ?? null,
    lossAfter: submission?.lossAfter ?? null,
    w: submission?.w ?? null,
    score: score?.after ?? null,
  };
  const outcome = submission?.outcome ?? 'none';
  const reason = submission?.reason ?? null;
  log.info(
    { event: 'verdict', hotkey, cycle, group, outcome, reason, detail: submission?.detail ?? null, ...numbers, root },
    `<verdict> cycle=${cycle} outcome=${outcome}${reason === null ? '' : ` reason=${reason}`} ` +
      `loss_before=${shown(numbers.lossBefore)} loss_after=${shown(numbers.lossAfter)} w_i=${shown(numbers.w)} ` +
      `score=${shown(numbers.score, 6)} root=${root}`,
  );
  metrics.verdict({ cycle, group }, numbers);
}
