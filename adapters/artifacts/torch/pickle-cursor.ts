const maxTextBytes = 16_384;
const maxLineBytes = 200;
const newline = 0x0a;

/** Reads the operands of a pickle's opcodes, all of which have their limits. */
export class PickleCursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #refuse: (problem: string) => Error;
  #at = 0;

  constructor(bytes: Uint8Array, refuse: (problem: string) => Error) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#refuse = refuse;
  }

  get at(): number {
    return this.#at;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  skip(count: number): void {
    this.#take(count);
  }

  /** An integer of up to eight bytes, little-endian, in two's complement; a bigint where a number would not hold it. */
  long1(): number | bigint {
    const length = this.byte();
    if (length > 8) throw this.#refuse('an integer has more than 64 bits');
    const begin = this.#take(length);
    let value = 0n;
    for (let index = length - 1; index >= 0; index -= 1) {
      value = (value << 8n) | BigInt(this.#bytes[begin + index] ?? 0);
    }
    const signed = BigInt.asIntN(length * 8, value);
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }

  text(): string {
    const length = this.uint32();
    if (length > maxTextBytes) throw this.#refuse(`a text has more than ${maxTextBytes} bytes`);
    const begin = this.#take(length);
    return this.#decode(begin, begin + length);
  }

  /** Up to a line break, which is not part of it. */
  line(): string {
    const begin = this.#at;
    const end = this.#bytes.indexOf(newline, begin);
    if (end === -1) throw this.#refuse('it ends in the middle of a line');
    if (end - begin > maxLineBytes) throw this.#refuse(`a name has more than ${maxLineBytes} bytes`);
    this.#at = end + 1;
    return this.#decode(begin, end);
  }

  #decode(begin: number, end: number): string {
    try {
      return this.#decoder.decode(this.#bytes.subarray(begin, end));
    } catch {
      throw this.#refuse('a text is no UTF-8');
    }
  }

  /** @returns where the bytes begin */
  #take(count: number): number {
    const begin = this.#at;
    if (begin + count > this.#bytes.length) throw this.#refuse('it ends in the middle of an opcode');
    this.#at = begin + count;
    return begin;
  }
}
