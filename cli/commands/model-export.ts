import { resolve } from 'node:path';
import type { ExportProgress } from '../../adapters/model-export/export-lines.ts';
import { type ExportOptions, exportModel } from '../../adapters/model-export/export-model.ts';
import { stopSignal } from '../stop-signal.ts';

/** `ostinato model export`: runs the Python program, one line for each thing that is done. */
export async function modelExport(options: ExportOptions, write: (line: string) => void): Promise<void> {
  const absolute = (path: string | null) => (path === null ? null : resolve(path));
  const paths = {
    checkpoint: resolve(options.checkpoint),
    bundle: resolve(options.bundle),
    assignment: absolute(options.assignment),
    corpus: absolute(options.corpus),
  };
  await exportModel({ ...options, ...paths }, (progress) => write(lineOf(progress)), stopSignal());
}

const size = (bytes: number): string =>
  bytes < 2 ** 20 ? `${(bytes / 2 ** 10).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function lineOf(progress: ExportProgress): string {
  switch (progress.event) {
    case 'reading':
      return `Reading ${progress.folder}`;
    case 'part':
      return `Wrote ${progress.file}: ${progress.tensors} tensors, ${size(progress.bytes)}`;
    case 'tracing':
      return `Tracing ${progress.file}`;
    case 'graph':
      return `Wrote ${progress.file}: ${size(progress.bytes)}`;
    case 'checked':
      return `Checked ${progress.what}: at most ${progress.worst.toExponential(1)} from torch`;
    case 'done': {
      const { folder, groups, parameters, trained } = progress;
      const each = trained.map((count) => count.toLocaleString('en')).join(', ');
      return [
        `Wrote ${folder}: ${parameters.toLocaleString('en')} parameters, ${groups} groups (${each} each)`,
        `Set model_path: ${folder}`,
      ].join('\n');
    }
  }
}
