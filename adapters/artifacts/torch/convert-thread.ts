/** Reads a stranger's file of torch.save apart from the event loop that serves everybody else. */
import { parentPort, workerData } from 'node:worker_threads';
import { isOstinatoError, messageOf } from '../../../domain/errors/error.ts';
import { convertTorchFile, type TorchLimits } from './convert.ts';

export interface ConvertJob {
  readonly from: string;
  readonly to: string;
  readonly limits: Pick<TorchLimits, 'name' | 'maxBytes'>;
}

/** What the thread says last. Classes do not survive the trip, codes do. */
export type ConvertAnswer =
  | { readonly kind: 'done'; readonly tensors: number; readonly bytes: number }
  | { readonly kind: 'refused'; readonly code: string; readonly params: Readonly<Record<string, string | number>> }
  | { readonly kind: 'failed'; readonly detail: string };

const tell = (answer: ConvertAnswer): void => parentPort?.postMessage(answer);
const { from, to, limits }: ConvertJob = workerData;
try {
  tell({ kind: 'done', ...(await convertTorchFile(from, to, limits)) });
} catch (error) {
  if (isOstinatoError(error)) tell({ kind: 'refused', code: error.code, params: error.params });
  else tell({ kind: 'failed', detail: messageOf(error) });
}
