import { isCount } from '../../../domain/read-value.ts';
import type { Dtype } from '../dtype.ts';
import { isKind, type PickleValue, type StorageValue, type TensorValue } from './pickle-values.ts';

/** The storages that torch.save names by their types of old. */
const storageTypes: ReadonlyMap<string, Dtype> = new Map([
  ['torch DoubleStorage', 'F64'],
  ['torch FloatStorage', 'F32'],
  ['torch HalfStorage', 'F16'],
  ['torch BFloat16Storage', 'BF16'],
  ['torch LongStorage', 'I64'],
  ['torch IntStorage', 'I32'],
  ['torch ShortStorage', 'I16'],
  ['torch CharStorage', 'I8'],
  ['torch ByteStorage', 'U8'],
  ['torch BoolStorage', 'BOOL'],
] as const);

const orderedDict = 'collections OrderedDict';
const rebuildTensor = 'torch._utils _rebuild_tensor_v2';
const rebuildParameter = 'torch._utils _rebuild_parameter';

/** torch itself has at most 64. */
const maxDimensions = 64;

type Outcome = PickleValue | { readonly kind: 'refused'; readonly problem: string };
const refused = (problem: string) => ({ kind: 'refused', problem }) as const;

/** Whether a pickle may name this at all: `module name`. Everything that is not here is refused when it is named. */
export const isAllowedGlobal = (name: string): boolean =>
  storageTypes.has(name) || name === orderedDict || name === rebuildTensor || name === rebuildParameter;

/**
 * What the call of a name comes to. Nothing is called: each function has its stand-in here, which only makes values.
 */
export function callGlobal(callee: PickleValue | undefined, args: PickleValue | undefined): Outcome {
  if (!isKind(callee, 'global')) return refused('it calls something that is no function');
  if (!isKind(args, 'tuple')) return refused('it calls a function without a tuple of arguments');
  const { items } = args;
  if (callee.name === orderedDict) {
    return items.length === 0 ? { kind: 'dict', ordered: true, entries: null } : refused('OrderedDict has arguments');
  }
  if (callee.name === rebuildTensor) return tensorOf(items);
  if (callee.name === rebuildParameter) {
    const [tensor, requiresGrad, hooks] = items;
    const plain = items.length === 3 && typeof requiresGrad === 'boolean' && isEmptyDict(hooks);
    return plain && isKind(tensor, 'tensor') ? tensor : refused('a parameter is something else than a plain tensor');
  }
  return refused(`it calls ${callee.name}`);
}

const isEmptyDict = (value: PickleValue | undefined): boolean => isKind(value, 'dict') && value.entries === null;

function counts(value: PickleValue | undefined): readonly number[] | null {
  if (!isKind(value, 'tuple') || value.items.length > maxDimensions) return null;
  return value.items.every(isCount) ? value.items : null;
}

/** `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks, metadata = None)`. */
function tensorOf(items: readonly PickleValue[]): TensorValue | ReturnType<typeof refused> {
  const [storage, offset, size, stride, requiresGrad, hooks, metadata = null] = items;
  if (items.length < 6 || items.length > 7) return refused('a tensor has another number of fields');
  if (!isKind(storage, 'storage')) return refused('a tensor has no storage');
  if (!isCount(offset)) return refused("a tensor's offset is no count of elements");
  const shape = counts(size);
  const strides = counts(stride);
  if (shape === null) return refused("a tensor's shape is no tuple of sizes");
  if (strides === null) return refused("a tensor's strides are no tuple of counts");
  if (shape.length !== strides.length) return refused('a tensor has other strides than dimensions');
  if (typeof requiresGrad !== 'boolean' || !isEmptyDict(hooks)) return refused('a tensor has hooks');
  // The metadata say that the bytes mean something else: that they are to be negated, or conjugated.
  if (metadata !== null && !isEmptyDict(metadata)) return refused('a tensor is a lazy view (negated or conjugated)');
  return { kind: 'tensor', storage, offset, shape, strides };
}

/** `('storage', type, key, location, elements)`, the only thing that a pickle of torch refers to outside itself. */
export function storageOf(id: PickleValue | undefined): StorageValue | ReturnType<typeof refused> {
  if (!isKind(id, 'tuple') || id.items.length !== 5) return refused('a persistent id is no tuple of five');
  const [label, type, key, location, elements] = id.items;
  const dtype = isKind(type, 'global') ? storageTypes.get(type.name) : undefined;
  if (label !== 'storage' || dtype === undefined) return refused('a persistent id names no storage');
  if (typeof key !== 'string' || typeof location !== 'string') return refused('a storage has no key or no location');
  if (!isCount(elements)) return refused('a storage has no count of elements');
  return { kind: 'storage', key, dtype, elements };
}
