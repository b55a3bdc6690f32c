import type { MethodDeclaration } from '../declaration/runtime-api.ts';
import type { Reader } from '../scale/bytes.ts';
import { type Codec, encode, type ValueOf } from '../scale/codec.ts';
import { type Fields, type StructValue, struct } from '../scale/composite.ts';
import type { ListedState } from './listed-state.ts';

/** Answers a runtime call from its encoded arguments. Arguments that do not decode throw ScaleError. */
export type Answer = (args: Reader, state: ListedState) => Uint8Array;

/** Says how a declared method is answered. */
export type Register = <F extends Fields, R extends Codec<unknown>>(
  method: MethodDeclaration<F, R>,
  run: (args: StructValue<F>, state: ListedState) => ValueOf<R>,
) => void;

export const registerIn =
  (apis: Map<string, Answer>): Register =>
  (method, run) => {
    const args = struct(method.name, method.inputs);
    const output: Codec<unknown> = method.output;
    apis.set(`${method.api}_${method.name}`, (input, state) => encode(output, run(args.decode(input), state)));
  };
