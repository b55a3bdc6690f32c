import { InferenceSession } from 'onnxruntime-node';
import type { providerOption } from './providers.ts';

export interface SessionSettings {
  /** The folder that holds the parts' files; ONNX Runtime refuses whatever leads out of it. */
  readonly folder: string;
  /** Threads of one operator; 0 takes one for each core. */
  readonly threads: number;
  /** Where to compute; left out: on the processor. */
  readonly provider?: ReturnType<typeof providerOption>;
}

/**
 * Opens a graph whose weights are mapped from files.
 *
 * - The optimization level is pinned, because losses differ between levels in the last digits.
 * - Prepacking is off: it would copy every weight into memory, once for each session.
 * - Threads do not spin while they wait: several trainers share a machine's cores.
 *
 * The files must not change as long as the session lives: truncating one ends the process.
 */
export async function openSession(
  graph: Uint8Array,
  { folder, threads, provider = 'cpu' }: SessionSettings,
): Promise<InferenceSession> {
  // ONNX Runtime reads this once, with its first session; without it, it reports to its maker over the network.
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  return InferenceSession.create(graph, {
    // An operator that a device lacks runs on the processor.
    executionProviders: provider === 'cpu' ? [provider] : [provider, 'cpu'],
    graphOptimizationLevel: 'extended',
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: {
      session: {
        model_external_initializers_file_folder_path: folder,
        disable_prepacking: '1',
        intra_op: { allow_spinning: '0' },
      },
    },
  });
}
