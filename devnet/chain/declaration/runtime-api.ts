import type { Codec, ValueOf } from '../scale/codec.ts';
import type { Fields, StructValue } from '../scale/composite.ts';
import type { ApiName } from './apis/versions.ts';

/** One method of a runtime API, as `state_call` reaches it: `Api_method`. */
export interface MethodDeclaration<F extends Fields = Fields, R extends Codec<unknown> = Codec<unknown>> {
  readonly api: ApiName;
  readonly name: string;
  readonly inputs: F;
  readonly output: R;
}

export type MethodArgs<M> = M extends MethodDeclaration<infer F> ? StructValue<F> : never;
export type MethodResult<M> = M extends MethodDeclaration<Fields, infer R> ? ValueOf<R> : never;

export const declareApi =
  (api: ApiName) =>
  <F extends Fields, R extends Codec<unknown>>(name: string, inputs: F, output: R): MethodDeclaration<F, R> => ({
    api,
    name,
    inputs,
    output,
  });
