/** Pieces of pickles, protocol 2, as tests put them together. */
export type Piece = Uint8Array | string | number;

/** Numbers are opcodes, strings their text. */
export const pickleOf = (...pieces: readonly Piece[]): Buffer =>
  Buffer.concat(pieces.map((piece) => (typeof piece === 'number' ? Buffer.of(piece) : Buffer.from(piece))));

export const proto = pickleOf(0x80, 2);
export const mark = '(';
export const stop = '.';
export const none = 'N';

export function text(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return pickleOf('X', length, bytes);
}

/** An integer of 32 bits, or else of 64. */
export function int(value: number): Buffer {
  const small = value >= -(2 ** 31) && value < 2 ** 31;
  const bytes = Buffer.alloc(small ? 4 : 8);
  if (small) bytes.writeInt32LE(value);
  else bytes.writeBigInt64LE(BigInt(value));
  return small ? pickleOf('J', bytes) : pickleOf(0x8a, 8, bytes);
}

export function float(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return pickleOf('G', bytes);
}

export const global = (module: string, name: string): Buffer => pickleOf(`c${module}\n${name}\n`);
export const tuple = (...items: readonly Piece[]): Buffer => pickleOf(mark, ...items, 't');
export const call = (callee: Piece, ...args: readonly Piece[]): Buffer => pickleOf(callee, tuple(...args), 'R');
export const dict = (...items: readonly Piece[]): Buffer => pickleOf('}', mark, ...items, 'u');
export const hooks = call(global('collections', 'OrderedDict'));

export interface TensorOptions {
  readonly type?: Piece;
  readonly key?: Piece;
  readonly elements?: Piece;
  readonly offset?: Piece;
  readonly size?: Piece;
  readonly stride?: Piece;
  readonly requiresGrad?: Piece;
  readonly hooks?: Piece;
  readonly metadata?: Piece;
  readonly label?: Piece;
}

/** A tensor of four floats in storage 0, unless an option says otherwise. */
export const tensor = (options: TensorOptions = {}): Buffer =>
  call(
    global('torch._utils', '_rebuild_tensor_v2'),
    pickleOf(
      tuple(
        options.label ?? text('storage'),
        options.type ?? global('torch', 'FloatStorage'),
        options.key ?? text('0'),
        text('cpu'),
        options.elements ?? int(4),
      ),
      'Q',
    ),
    options.offset ?? int(0),
    options.size ?? tuple(int(4)),
    options.stride ?? tuple(int(1)),
    options.requiresGrad ?? 0x89,
    options.hooks ?? hooks,
    options.metadata ?? '',
  );

/** A whole pickle of one value. */
export const whole = (value: Piece): Buffer => pickleOf(proto, value, stop);
