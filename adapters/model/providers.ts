import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { fail, messageOf } from '../../domain/errors/error.ts';
import {
  type Capabilities,
  type ExecutionProvider,
  lacks,
  type ProviderSetting,
  providersToTry,
} from '../../domain/execution-provider.ts';
import { floats } from './batch.ts';

const require = createRequire(import.meta.url);

/** The version of ONNX Runtime. */
export function runtimeVersion(): string {
  const { version } = require('onnxruntime-node/package.json') as { readonly version: string };
  return version;
}

/** Looks at the machine without loading anything: a provider that is tried in vain writes errors of its own. */
export function findCapabilities(): Capabilities {
  const folder = dirname(require.resolve('onnxruntime-node/package.json'));
  const libraries = join(folder, `bin/napi-v6/${process.platform}/${process.arch}`);
  const others = process.platform === 'darwin' || process.platform === 'win32';
  const nvidiaDevice = existsSync('/dev/nvidia0') || existsSync('/dev/dxg');
  return {
    cudaLibrary: existsSync(join(libraries, 'libonnxruntime_providers_cuda.so')),
    nvidiaDevice,
    webgpuBuiltIn: listSupportedBackends().some(({ name, bundled }) => name === 'webgpu' && bundled),
    graphicsDevice: others || nvidiaDevice || hasRenderNode(),
  };
}

function hasRenderNode(): boolean {
  try {
    return readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
  } catch {
    return false;
  }
}

/** ONNX: c = a · b, each 64 × 64 floats. */
const probeGraph = Buffer.from(
  'CAg6WQoRCgFhCgFiEgFjIgZNYXRNdWwSBXByb2JlWhMKAWESDgoMCAESCAoCCEAKAghAWhMKAWISDgoMCAESCAoCCEAKAghAYhMKAWMSDgoMCAESCAoCCEAKAghAQgIQEg==',
  'base64',
);
const extent = 64;
/** Half of a float's digits are lost by arithmetic in 16 bits; losses that others cannot repeat would be worthless. */
const tolerance = 1e-5;

/** Whether a provider computes here, and rightly: null, or why not. Native code may print to standard error. */
export async function tryProvider(provider: ExecutionProvider, device: number): Promise<string | null> {
  try {
    const session = await InferenceSession.create(probeGraph, {
      executionProviders: [providerOption(provider, device)],
    });
    try {
      return await multiply(session);
    } finally {
      await session.release();
    }
  } catch (error) {
    return messageOf(error).split('\n')[0] ?? 'unknown';
  }
}

/** A provider as a session's options name it. */
export const providerOption = (provider: ExecutionProvider, device: number) =>
  provider === 'cuda' ? { name: provider, deviceId: device } : provider;

async function multiply(session: InferenceSession): Promise<string | null> {
  const values = (phase: number) =>
    Float32Array.from({ length: extent * extent }, (_, index) => Math.sin(index * 0.7 + phase));
  const [a, b] = [values(0), values(1)];
  const shape = [extent, extent];
  const outputs = await session.run({ a: new Tensor('float32', a, shape), b: new Tensor('float32', b, shape) });
  const c = floats(outputs, 'c');
  for (let row = 0; row < extent; row += 1) {
    for (let column = 0; column < extent; column += 1) {
      let sum = 0;
      for (let k = 0; k < extent; k += 1) sum += (a[row * extent + k] ?? 0) * (b[k * extent + column] ?? 0);
      const wrong = Math.abs((c[row * extent + column] ?? Number.NaN) - sum);
      if (!(wrong <= tolerance * extent)) return `it computes ${wrong} beside a product of matrices`;
    }
  }
  return null;
}

/** A provider that works, and those before it that do not. */
export interface ChosenProvider {
  readonly provider: ExecutionProvider;
  readonly passedOver: readonly { readonly provider: ExecutionProvider; readonly why: string }[];
}

/**
 * Takes the first provider that works.
 *
 * @throws OST_MODEL_PROVIDER where what was asked for by name does not
 */
export async function chooseProvider(setting: ProviderSetting, device: number): Promise<ChosenProvider> {
  const found = findCapabilities();
  const passedOver: ChosenProvider['passedOver'][number][] = [];
  for (const provider of providersToTry(setting, found)) {
    // What is missing is said in our words, before native code says it in its own. The processor needs no trial.
    const why = lacks(provider, found) ?? (provider === 'cpu' ? null : await tryProvider(provider, device));
    if (why === null) return { provider, passedOver };
    passedOver.push({ provider, why });
  }
  const detail = passedOver.map(({ provider, why }) => `${provider}: ${why}`).join('; ');
  throw fail('OST_MODEL_PROVIDER', { provider: setting, detail });
}
