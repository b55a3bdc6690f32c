import type { Dtype } from '../dtype.ts';

/** A storage by its key: the bytes of a record, read as elements of one type. */
export interface StorageValue {
  readonly kind: 'storage';
  readonly key: string;
  readonly dtype: Dtype;
  readonly elements: number;
}

/** A tensor as the pickle declares it; nothing of it has been compared with its storage. */
export interface TensorValue {
  readonly kind: 'tensor';
  readonly storage: StorageValue;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

export interface TupleValue {
  readonly kind: 'tuple';
  readonly items: readonly PickleValue[];
}

export interface ListValue {
  readonly kind: 'list';
  readonly items: PickleValue[];
}

export interface DictValue {
  readonly kind: 'dict';
  /** Whether it is an OrderedDict. */
  readonly ordered: boolean;
  /** Null while it is empty, as the dictionary of hooks of every tensor is. */
  entries: Map<string | number, PickleValue> | null;
}

/** A name that the pickle may use: a type of storage, or one of the functions that we stand in for. */
export interface GlobalValue {
  readonly kind: 'global';
  readonly name: string;
}

/** A fraction: nothing that is read from a checkpoint is one, and it must not pass for a count. */
export interface FloatValue {
  readonly kind: 'float';
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | FloatValue
  | StorageValue
  | TensorValue
  | TupleValue
  | ListValue
  | DictValue
  | GlobalValue;

export const isKind = <K extends 'storage' | 'tensor' | 'tuple' | 'list' | 'dict' | 'global'>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleValue, { readonly kind: K }> =>
  typeof value === 'object' && value !== null && value.kind === kind;
