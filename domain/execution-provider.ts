/** Where ONNX Runtime can compute, and what a deployment may ask for. */
export const executionProviders = ['cuda', 'webgpu', 'cpu'] as const;
export const providerSettings = ['auto', ...executionProviders] as const;

export type ExecutionProvider = (typeof executionProviders)[number];
export type ProviderSetting = (typeof providerSettings)[number];

/** What was found on a machine. */
export interface Capabilities {
  /** ONNX Runtime's library for CUDA, which its package does not bring along. */
  readonly cudaLibrary: boolean;
  readonly nvidiaDevice: boolean;
  /** ONNX Runtime was built with WebGPU. */
  readonly webgpuBuiltIn: boolean;
  /**
   * Any graphics device at all. Without one WebGPU would compute on the processor, slower than the processor itself.
   */
  readonly graphicsDevice: boolean;
}

/**
 * The providers to try, the best first. What is asked for by name is not replaced by anything: an operator who wants a
 * GPU wants to hear that it is not used. `auto` always ends with the processor, which every machine has.
 */
export function providersToTry(setting: ProviderSetting, found: Capabilities): readonly ExecutionProvider[] {
  if (setting !== 'auto') return [setting];
  return executionProviders.filter((provider) => lacks(provider, found) === null);
}

/** What a provider needs that this machine lacks, in words; null where it can be tried. */
export function lacks(provider: ExecutionProvider, found: Capabilities): string | null {
  switch (provider) {
    case 'cuda':
      if (!found.nvidiaDevice) return 'no NVIDIA device';
      return found.cudaLibrary ? null : "ONNX Runtime's CUDA library is not installed";
    case 'webgpu':
      if (!found.webgpuBuiltIn) return 'ONNX Runtime was built without it';
      return found.graphicsDevice ? null : 'no graphics device';
    case 'cpu':
      return null;
  }
}

/** How to get CUDA; what doctor and errors say. */
export const cudaHint =
  'For CUDA: "ONNXRUNTIME_NODE_INSTALL=true npm rebuild onnxruntime-node", where CUDA 12 and cuDNN 9 are.';
