import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fail } from '../../domain/errors/error.ts';
import { type ExportProgress, exportError, readExportLine } from './export-lines.ts';
import { exporterFolder, requirePython } from './python.ts';

/** What is exported, and how. Paths are absolute or start from the working directory. */
export interface ExportOptions {
  /** A program name or the path of one. */
  readonly python: string;
  readonly anyVersion: boolean;
  /** A folder as transformers saves a model. */
  readonly checkpoint: string;
  /** Where the bundle is made; it must not be there. */
  readonly bundle: string;
  /** Tokens of a row. */
  readonly context: number;
  readonly groups: number;
  readonly assign: 'contiguous' | 'round-robin';
  /** A JSON file that says which experts each group has, in place of `groups` and `assign`. */
  readonly assignment: string | null;
  readonly dtype: 'fp32' | 'bf16' | 'fp16';
  readonly corpus: string | null;
  readonly firstToken: number | null;
  /** Whether to hold the graphs against torch in the end, which takes the whole model in memory. */
  readonly check: boolean;
}

/** How much of the program's last words an error shows. */
const keptWords = 2000;

/**
 * Runs the export program and tells what it does. The bundle is there when it returns, complete, or not at all.
 *
 * @throws an error of OST_EXPORT_…, which says what to install or to mend
 */
export async function exportModel(
  options: ExportOptions,
  onProgress: (progress: ExportProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const { python, checkpoint } = options;
  await requirePython(python, options);
  const env = { ...process.env, PYTHONUNBUFFERED: '1' };
  const child = spawn(python, argumentsOf(options), { env, stdio: ['ignore', 'pipe', 'pipe'] });
  // Asked to end, the program removes what it has written of the bundle.
  const end = () => child.kill('SIGTERM');
  signal.addEventListener('abort', end);
  const ended = once(child, 'close');
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-keptWords);
  });
  let done = false;
  try {
    for await (const text of createInterface({ input: child.stdout })) {
      const line = readExportLine(text);
      if (line === null) continue;
      if (line.event === 'error') throw exportError(line.problem, checkpoint);
      done ||= line.event === 'done';
      onProgress(line);
    }
    const [code, by] = await ended;
    if (code === 0 && done) return;
    const how = by === null ? `exit code ${code}` : `signal ${by}`;
    throw fail('OST_EXPORT_FAILED', { how, words: words.trim() || 'none' });
  } finally {
    signal.removeEventListener('abort', end);
    child.kill('SIGTERM');
    await ended;
  }
}

function argumentsOf(options: ExportOptions): readonly string[] {
  const optional = (flag: string, value: string | number | null) => (value === null ? [] : [flag, String(value)]);
  return [
    join(exporterFolder, 'export_moe.py'),
    ...['--from', options.checkpoint, '--to', options.bundle],
    ...['--context', String(options.context), '--groups', String(options.groups)],
    ...['--assign', options.assign, '--dtype', options.dtype],
    ...optional('--assignment', options.assignment),
    ...optional('--corpus', options.corpus),
    ...optional('--first-token', options.firstToken),
    ...(options.check ? ['--check'] : []),
  ];
}
