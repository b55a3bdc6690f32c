import type { Dtype } from '../dtype.ts';

/** The storage classes of torch that it finds by these names in a checkpoint. */
const storages: Partial<Record<Dtype, string>> = {
  F64: 'DoubleStorage',
  F32: 'FloatStorage',
  F16: 'HalfStorage',
  BF16: 'BFloat16Storage',
  I64: 'LongStorage',
  I32: 'IntStorage',
  I16: 'ShortStorage',
  I8: 'CharStorage',
  U8: 'ByteStorage',
  BOOL: 'BoolStorage',
};

export interface PickledTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** The name of its bytes in the archive. */
  readonly key: string;
}

/** Whether a tensor of this type can be written. */
export const isTorchType = (dtype: Dtype): boolean => storages[dtype] !== undefined;

/**
 * The pickle of `{"model_state_dict": {name: tensor, …}, "loss": nan}`, protocol 2: the form of the originals'
 * checkpoints. Nobody measured a loss for what is served, and a number that is none says so.
 */
export function pickleCheckpoint(tensors: readonly PickledTensor[]): Buffer {
  const out = new Pickle();
  out.op('\x80\x02}(').text('model_state_dict').op('}(');
  for (const tensor of tensors) writeTensor(out.text(tensor.name), tensor);
  out.op('u').text('loss').op('G').bytes(Buffer.from('7ff8000000000000', 'hex')).op('u.');
  return out.take();
}

function writeTensor(out: Pickle, { dtype, shape, key }: PickledTensor): void {
  const elements = shape.reduce((product, extent) => product * extent, 1);
  out.global('torch._utils', '_rebuild_tensor_v2').op('((').text('storage');
  out
    .global('torch', storages[dtype] ?? '')
    .text(key)
    .text('cpu')
    .integer(elements)
    .op('tQ');
  out.integer(0).op('(');
  for (const extent of shape) out.integer(extent);
  out.op('t(');
  for (const stride of stridesOf(shape)) out.integer(stride);
  // Gradients are not asked for; no hooks.
  out.op('t\x89').global('collections', 'OrderedDict').op(')RtR');
}

/** Of a contiguous tensor, in elements. */
const stridesOf = (shape: readonly number[]): readonly number[] =>
  shape.map((_, at) => shape.slice(at + 1).reduce((product, extent) => product * Math.max(1, extent), 1));

class Pickle {
  readonly #parts: Buffer[] = [];

  op(codes: string): this {
    return this.bytes(Buffer.from(codes, 'latin1'));
  }

  bytes(bytes: Buffer): this {
    this.#parts.push(bytes);
    return this;
  }

  text(text: string): this {
    const bytes = Buffer.from(text);
    const head = Buffer.alloc(5, 'X');
    head.writeUInt32LE(bytes.length, 1);
    return this.bytes(head).bytes(bytes);
  }

  global(module: string, name: string): this {
    return this.op(`c${module}\n${name}\n`);
  }

  integer(value: number): this {
    if (value < 2 ** 31) {
      const small = Buffer.alloc(5, 'J');
      small.writeInt32LE(value, 1);
      return this.bytes(small);
    }
    const large = Buffer.alloc(10);
    large.write('\x8a\x08', 0, 'latin1');
    large.writeBigInt64LE(BigInt(value), 2);
    return this.bytes(large);
  }

  take(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
