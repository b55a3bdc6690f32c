import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { fail, isOstinatoError, messageOf } from '../../domain/errors/error.ts';
import { contradiction, lengthsOf, scheduleOf } from '../../domain/phase-service.ts';
import { phaseNames, type Schedule } from '../../domain/phases.ts';
import { parseJson } from '../../domain/read-value.ts';
import { boundedText } from '../http/bounded-text.ts';

/** Where an owner's phase service is, and how long it is waited for. */
export interface OwnerService {
  readonly url: string;
  readonly timeoutMs: number;
  /** Attempts after the first one. */
  readonly retries: number;
  /** The n-th retry waits this times 2^(n − 1). */
  readonly backoffMs: number;
}

/** Refusals of the request as such: asking again gives the same. */
const final: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 409, 422]);
/** Both answers are below a kilobyte. */
const maxAnswerBytes = 64 * 1024;

const name = z.enum(phaseNames);
const indexSchema = z.object({
  cycle_length: z.number(),
  phases: z.array(z.object({ index: z.number(), name, length: z.number() })),
});
const phaseSchema = z.object({
  block: z.number(),
  cycle_length: z.number(),
  cycle_index: z.number(),
  cycle_block_index: z.number(),
  phase_name: name,
  phase_index: z.number(),
  phase_start_block: z.number(),
  phase_end_block: z.number(),
  blocks_into_phase: z.number(),
  blocks_remaining_in_phase: z.number(),
});

/**
 * The schedule that an owner's service tells at `/`, held against what it says at `/get_phase` of the block that it is
 * at: two answers that do not fit would send this deployment into phases of its own.
 *
 * @throws OST_OWNER_UNREACHABLE after the last attempt, OST_OWNER_REFUSED, OST_OWNER_ANSWER
 */
export async function fetchSchedule(service: OwnerService, signal?: AbortSignal): Promise<Schedule> {
  const ask = <T>(path: string, schema: z.ZodType<T>) =>
    patiently(service, signal, () => get(service, path, schema, signal));
  const strange = (problem: string) => fail('OST_OWNER_ANSWER', { url: service.url, problem });
  const lengths = lengthsOf(await ask('/', indexSchema));
  if (typeof lengths === 'string') throw strange(lengths);
  const problem = contradiction(lengths, await ask('/get_phase', phaseSchema));
  if (problem !== null) throw strange(problem);
  return scheduleOf(lengths);
}

async function patiently<T>(
  { retries, backoffMs }: OwnerService,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failed = 0; ; failed += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isOstinatoError(error, 'OST_OWNER_UNREACHABLE') || failed >= retries || signal?.aborted === true)
        throw error;
      await sleep(backoffMs * 2 ** failed, undefined, signal === undefined ? {} : { signal });
    }
  }
}

async function get<T>(
  { url, timeoutMs }: OwnerService,
  path: string,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<T> {
  const unreachable = (detail: string, cause?: unknown) => fail('OST_OWNER_UNREACHABLE', { url, detail }, { cause });
  // One agent for each question: an answer that never ends must not stay open behind it.
  const agent = new Agent({ connect: { timeout: timeoutMs } });
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await request(new URL(path, url), {
      dispatcher: agent,
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    });
    const { statusCode: status } = answer;
    if (final.has(status)) throw fail('OST_OWNER_REFUSED', { url, status });
    if (status !== 200) throw unreachable(`status ${status}`);
    const read = schema.safeParse(parseJson((await boundedText(answer.body, maxAnswerBytes)) ?? ''));
    if (read.success) return read.data;
    const problem = `${path} holds no such answer (${read.error.issues[0]?.path.join('.') ?? ''})`;
    throw fail('OST_OWNER_ANSWER', { url, problem });
  } catch (error) {
    throw isOstinatoError(error) ? error : unreachable(messageOf(error), error);
  } finally {
    await agent.destroy();
  }
}
