import { z } from 'zod';
import { fail, type OstinatoError } from '../../domain/errors/error.ts';
import { parseJson } from '../../domain/read-value.ts';

const count = z.number().int().nonnegative();
const problem = z.object({ problem: z.string() });

/** What the export program says, one JSON object a line. */
const lineSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('reading'), folder: z.string() }),
  z.object({ event: z.literal('part'), file: z.string(), tensors: count, bytes: count }),
  z.object({ event: z.literal('tracing'), file: z.string() }),
  z.object({ event: z.literal('graph'), file: z.string(), bytes: count }),
  z.object({ event: z.literal('checked'), what: z.string(), worst: z.number() }),
  z.object({ event: z.literal('done'), folder: z.string(), groups: count, parameters: count, trained: z.array(count) }),
  z.object({
    event: z.literal('error'),
    problem: z.discriminatedUnion('code', [
      z.object({ code: z.literal('OST_EXPORT_CHECKPOINT'), params: problem }),
      z.object({ code: z.literal('OST_EXPORT_UNSUPPORTED'), params: problem }),
      z.object({ code: z.literal('OST_EXPORT_GROUPS'), params: problem }),
      z.object({ code: z.literal('OST_EXPORT_CHECK'), params: problem }),
      z.object({ code: z.literal('OST_EXPORT_TARGET'), params: z.object({ folder: z.string() }) }),
      z.object({ code: z.literal('OST_EXPORT_CORPUS'), params: z.object({ folder: z.string(), file: z.string() }) }),
    ]),
  }),
]);

export type ExportLine = z.infer<typeof lineSchema>;
export type ExportProgress = Exclude<ExportLine, { readonly event: 'error' }>;
type ExportProblem = Extract<ExportLine, { readonly event: 'error' }>['problem'];

/** Null for a line that is none of the program's own, such as what a library prints. */
export function readExportLine(text: string): ExportLine | null {
  const read = lineSchema.safeParse(parseJson(text));
  return read.success ? read.data : null;
}

/** The program's error as one of the catalogue. @param checkpoint the folder that was to be exported */
export function exportError(problem: ExportProblem, checkpoint: string): OstinatoError {
  switch (problem.code) {
    case 'OST_EXPORT_CHECKPOINT':
      return fail(problem.code, { folder: checkpoint, ...problem.params });
    case 'OST_EXPORT_TARGET':
      return fail(problem.code, problem.params);
    case 'OST_EXPORT_CORPUS':
      return fail(problem.code, problem.params);
    default:
      return fail(problem.code, problem.params);
  }
}
