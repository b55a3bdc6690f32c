import { z } from 'zod';

const count = z.number().int().nonnegative();
/** Null for what is not finite: JSON has no such number. */
const measured = z.number().nullable();

const lineSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('step'),
    step: count.min(1),
    loss: measured,
    learning_rate: measured.optional(),
    grad_norm: measured.optional(),
    grad_sum: measured.optional(),
    tokens_per_second: measured.optional(),
    /** Since the training began, over all attempts. */
    tokens: count.optional(),
    rows: count.optional(),
    loss_scale: z.object({ before: z.number(), after: z.number() }).optional(),
    skipped: z.boolean().optional(),
  }),
  z.object({
    event: z.literal('checkpoint'),
    step: count,
    path: z.string().min(1).max(4096),
    validation_loss: measured.optional(),
  }),
  z.object({ event: z.literal('heartbeat') }),
]);

/** One line of a training command; what else the object holds is left out. */
export type CommandLine = z.infer<typeof lineSchema>;

export type ReadLine =
  | { readonly kind: 'line'; readonly line: CommandLine }
  /** Text of some library, which is no business of ours. */
  | { readonly kind: 'words' }
  | { readonly kind: 'malformed'; readonly problem: string };

/** Longer ones are not read on: a program that never ends its line would fill our memory. */
export const maxLineBytes = 64 * 1024;

/**
 * Reads one line of standard output. Whatever does not begin with a brace is words; Python's `NaN` and `Infinity` count
 * as null, because `json.dumps` writes them as they are.
 */
export function readLine(text: string): ReadLine {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return { kind: 'words' };
  const value = parse(trimmed);
  if (value === undefined) return { kind: 'malformed', problem: 'it is no JSON' };
  const read = lineSchema.safeParse(value);
  if (read.success) return { kind: 'line', line: read.data };
  const [issue] = read.error.issues;
  return { kind: 'malformed', problem: `${issue?.path.join('.') || 'event'}: ${issue?.message ?? 'unknown'}` };
}

function parse(text: string): unknown {
  for (const candidate of [text, text.replace(/(?<=[:,[]\s*)-?(?:NaN|Infinity)(?=\s*[,}\]])/g, 'null')]) {
    try {
      return JSON.parse(candidate);
    } catch {
      // The next spelling, or none.
    }
  }
  return undefined;
}
