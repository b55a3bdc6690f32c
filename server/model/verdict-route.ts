import type { FastifyInstance } from 'fastify';
import { fail } from '../../domain/errors/error.ts';
import { hotkey as asHotkey } from '../../domain/units.ts';
import { showVerdict } from '../../domain/verdict.ts';
import type { ModelServerDeps } from './deps.ts';

interface Asked {
  readonly cycle: string;
  readonly hotkey: string;
}

/**
 * Blocks after a cycle's end within which a missing signature is on its way: the cycle is written down first, and the
 * signing worker then has a minute.
 */
const signingBlocks = 10;

/**
 * `GET /verdicts/:cycle/:hotkey`: how a miner's submission was judged, under the validator's signature. What is shown
 * is on chain in its sum, and so is nobody's secret. `cycle` is the originals' index, the block over the cycle's
 * length: a miner that began after a change of the schedule counts its cycles otherwise than its validator.
 */
export function verdictRoute(app: FastifyInstance, { verdicts, chain }: ModelServerDeps): void {
  if (verdicts === undefined) return;
  app.get<{ Params: Asked }>('/verdicts/:cycle/:hotkey', async ({ params }) => {
    const { cycle, hotkey } = read(params);
    const found = await verdicts.find(cycle);
    if (found === null) throw fail('OST_VERDICT_NOT_YET', { cycle });
    if (found.root === null) {
      const { number } = await chain.head();
      const due = number <= found.record.endBlock + signingBlocks;
      throw due ? fail('OST_VERDICT_NOT_YET', { cycle }) : fail('OST_VERDICT_UNSIGNED', { cycle });
    }
    const shown = showVerdict(found.record, found.root, hotkey);
    if (shown.submission === null && shown.score === null) throw fail('OST_VERDICT_NONE', { cycle, hotkey });
    return shown;
  });
}

function read({ cycle, hotkey }: Asked) {
  if (!/^\d{1,12}$/.test(cycle)) throw fail('OST_HTTP_FIELD', { field: 'cycle', expected: "a cycle's number" });
  if (!/^[1-9A-HJ-NP-Za-km-z]{46,50}$/.test(hotkey)) {
    throw fail('OST_HTTP_FIELD', { field: 'hotkey', expected: 'an SS58 address' });
  }
  return { cycle: Number(cycle), hotkey: asHotkey(hotkey) };
}
