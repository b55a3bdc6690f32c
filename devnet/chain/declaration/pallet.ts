import { type Codec, encode } from '../scale/codec.ts';
import type { Fields, StructValue } from '../scale/composite.ts';
import type { Entry } from './storage.ts';

export interface CallDeclaration<F extends Fields = Fields> {
  readonly pallet: string;
  readonly palletIndex: number;
  readonly index: number;
  readonly name: string;
  readonly args: F;
}
export type CallArgs<C> = C extends CallDeclaration<infer F> ? StructValue<F> : never;

export interface EventDeclaration<F extends Fields = Fields> {
  readonly pallet: string;
  readonly palletIndex: number;
  readonly index: number;
  readonly name: string;
  /** Fields named by numbers are unnamed. */
  readonly fields: F;
}

export interface ErrorDeclaration {
  readonly pallet: string;
  readonly palletIndex: number;
  readonly index: number;
  readonly name: string;
}

export interface ConstantDeclaration {
  readonly name: string;
  readonly codec: Codec<unknown>;
  readonly value: Uint8Array;
}

export interface PalletDeclaration {
  readonly name: string;
  readonly index: number;
  readonly storage: readonly Entry[];
  readonly calls: readonly CallDeclaration[];
  readonly events: readonly EventDeclaration[];
  readonly errors: readonly ErrorDeclaration[];
  readonly constants: readonly ConstantDeclaration[];
}

/** The declarers of one pallet's calls, events, errors and constants. */
export function declarePallet(pallet: string, palletIndex: number) {
  const home = { pallet, palletIndex };
  return {
    call: <F extends Fields>(index: number, name: string, args: F): CallDeclaration<F> => ({
      ...home,
      index,
      name,
      args,
    }),
    event: <F extends Fields>(index: number, name: string, fields: F): EventDeclaration<F> => ({
      ...home,
      index,
      name,
      fields,
    }),
    /** All errors of the pallet, in the order of their indexes. */
    errors: <const N extends string>(...names: readonly N[]): Readonly<Record<N, ErrorDeclaration>> =>
      // The cast only says that the keys are the names given.
      Object.fromEntries(
        names.map((name, index): [string, ErrorDeclaration] => [name, { ...home, index, name }]),
      ) as Record<N, ErrorDeclaration>,
    constant: <T>(name: string, codec: Codec<T>, value: T): ConstantDeclaration => ({
      name,
      codec,
      value: encode(codec, value),
    }),
    pallet: (parts: {
      readonly storage?: Readonly<Record<string, Entry>>;
      readonly calls?: Readonly<Record<string, CallDeclaration>>;
      readonly events?: Readonly<Record<string, EventDeclaration>>;
      readonly errors?: Readonly<Record<string, ErrorDeclaration>>;
      readonly constants?: readonly ConstantDeclaration[];
    }): PalletDeclaration => ({
      name: pallet,
      index: palletIndex,
      storage: Object.values(parts.storage ?? {}),
      calls: Object.values(parts.calls ?? {}),
      events: Object.values(parts.events ?? {}),
      errors: Object.values(parts.errors ?? {}),
      constants: parts.constants ?? [],
    }),
  };
}
