import { describe, expect, test } from '@jest/globals';
import { type Capabilities, lacks, providersToTry } from '../../domain/execution-provider.ts';

const bare: Capabilities = { cudaLibrary: false, nvidiaDevice: false, webgpuBuiltIn: true, graphicsDevice: false };

describe('where losses are computed', () => {
  test.each<readonly [string, Partial<Capabilities>, readonly string[]]>([
    ['a machine without a GPU', {}, ['cpu']],
    [
      'an NVIDIA device with its library',
      { nvidiaDevice: true, cudaLibrary: true, graphicsDevice: true },
      ['cuda', 'webgpu', 'cpu'],
    ],
    ['an NVIDIA device without the library', { nvidiaDevice: true, graphicsDevice: true }, ['webgpu', 'cpu']],
    ['the library without a device', { cudaLibrary: true }, ['cpu']],
    ['another graphics device', { graphicsDevice: true }, ['webgpu', 'cpu']],
    ['a build without WebGPU', { graphicsDevice: true, webgpuBuiltIn: false }, ['cpu']],
  ])('is found by what there is: %s', (_name, found, expected) => {
    expect(providersToTry('auto', { ...bare, ...found })).toEqual(expected);
  });

  test.each(['cuda', 'webgpu', 'cpu'] as const)('is %s alone where that is asked for, whatever there is', (setting) => {
    expect(providersToTry(setting, bare)).toEqual([setting]);
  });

  test('is explained by what is missing', () => {
    expect(lacks('cuda', bare)).toBe('no NVIDIA device');
    expect(lacks('cuda', { ...bare, nvidiaDevice: true })).toBe("ONNX Runtime's CUDA library is not installed");
    expect(lacks('webgpu', bare)).toBe('no graphics device');
    expect(lacks('webgpu', { ...bare, webgpuBuiltIn: false })).toBe('ONNX Runtime was built without it');
    expect(lacks('cpu', bare)).toBeNull();
  });
});
