import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { HotkeyWeight } from '../domain/chain-write.ts';
import { fail, messageOf } from '../domain/errors/error.ts';
import { compareText } from '../domain/order.ts';
import { maxWeight } from '../domain/scores.ts';
import { hotkey } from '../domain/units.ts';

const amendment = z.record(z.string().min(1), z.number().nonnegative());

/**
 * An operator's vector: a JSON object of hotkeys and numbers of any size, scaled so that the largest is 65535. In
 * ascending order of hotkeys. @throws OST_WEIGHTS_AMENDMENT
 */
export async function readAmendment(file: string): Promise<readonly HotkeyWeight[]> {
  const given = amendment.safeParse(await readJson(file));
  if (!given.success) throw fail('OST_WEIGHTS_AMENDMENT', { file, problem: z.prettifyError(given.error) });
  const entries = Object.entries(given.data).toSorted(([a], [b]) => compareText(a, b));
  const highest = Math.max(0, ...entries.map(([, weight]) => weight));
  if (highest === 0) throw fail('OST_WEIGHTS_AMENDMENT', { file, problem: 'no number in it is above zero' });
  return entries.map(([name, weight]) => ({
    hotkey: hotkey(name),
    weight: Math.round((weight / highest) * maxWeight),
  }));
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw fail('OST_WEIGHTS_AMENDMENT', { file, problem: messageOf(error) });
  }
}
