import type { Codec } from '@polkadot/types/types';
import { compactStripLength, hexToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { fail } from '../../domain/errors/error.ts';
import type { Hex } from '../../domain/units.ts';
import type { Runtime } from './runtime.ts';

/** A question to the runtime itself: what `state_call` wants, and how to read its answer. */
export interface RuntimeCall {
  /** `Api_method`. */
  readonly method: string;
  readonly data: Hex;
  readonly decode: (answer: Hex) => Codec;
}

/**
 * The call `Api_method(…args)`; arguments beyond those that the method takes are left out. Runtimes of before spec 233
 * answer many methods with plain bytes, a SCALE value with a length before it: `inside` is the type of that value.
 * Where the method has a type of its own, that one counts.
 */
export function runtimeCall(runtime: Runtime, method: string, args: readonly unknown[], inside?: string): RuntimeCall {
  const { registry, methods } = runtime;
  const declared = methods.get(method);
  if (declared === undefined) throw fail('OST_CHAIN_UNSUPPORTED', { what: `runtime method ${method}` });
  const data = u8aConcat(...declared.inputs.map((type, index) => registry.createType(type, args[index]).toU8a()));
  const decode = (answer: Hex): Codec => {
    const bytes = hexToU8a(answer);
    if (declared.output !== 'Bytes') return registry.createType(declared.output, bytes);
    if (inside === undefined) throw fail('OST_CHAIN_DECODE', { what: method });
    const [, value] = compactStripLength(bytes);
    return registry.createType(inside, value);
  };
  return { method, data: u8aToHex(data), decode };
}
