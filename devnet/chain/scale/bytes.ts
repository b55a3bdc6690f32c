/** A growing byte buffer: what codecs write into. */
export class Writer {
  #buffer = new Uint8Array(64);
  #length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Little-endian, two's complement. */
  integer(value: bigint, sizeBytes: number): void {
    let rest = BigInt.asUintN(sizeBytes * 8, value);
    for (let index = 0; index < sizeBytes; index++) {
      this.byte(Number(rest & 0xffn));
      rest >>= 8n;
    }
  }

  compact(value: bigint): void {
    if (value < 1n << 6n) this.byte(Number(value) << 2);
    else if (value < 1n << 14n) this.integer((value << 2n) | 1n, 2);
    else if (value < 1n << 30n) this.integer((value << 2n) | 2n, 4);
    else {
      const sizeBytes = Math.ceil(value.toString(16).length / 2);
      this.byte(((sizeBytes - 4) << 2) | 3);
      this.integer(value, sizeBytes);
    }
  }

  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + more));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}

/** Bytes that are not what their type says. A runtime traps on such bytes; a node reports it as 1002. */
export class ScaleError extends Error {
  override readonly name = 'ScaleError';
}

/** A position in SCALE bytes: what codecs read from. */
export class Reader {
  readonly bytes: Uint8Array;
  position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  byte(): number {
    const value = this.bytes[this.position];
    if (value === undefined) throw new ScaleError('Not enough data to fill buffer');
    this.position++;
    return value;
  }

  raw(sizeBytes: number): Uint8Array {
    if (sizeBytes > this.remaining) throw new ScaleError('Not enough data to fill buffer');
    const value = this.bytes.slice(this.position, this.position + sizeBytes);
    this.position += sizeBytes;
    return value;
  }

  integer(sizeBytes: number): bigint {
    let value = 0n;
    const bytes = this.raw(sizeBytes);
    for (let index = sizeBytes - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[index] ?? 0);
    return value;
  }

  compact(): bigint {
    const first = this.byte();
    switch (first & 3) {
      case 0:
        return BigInt(first >> 2);
      case 1:
        return (BigInt(first) | (this.integer(1) << 8n)) >> 2n;
      case 2:
        return (BigInt(first) | (this.integer(3) << 8n)) >> 2n;
      default:
        return this.integer((first >> 2) + 4);
    }
  }

  /** A length that the bytes left can hold, so that a hostile count cannot make us allocate. */
  count(): number {
    const value = this.compact();
    if (value > BigInt(this.remaining)) throw new ScaleError('Not enough data to fill buffer');
    return Number(value);
  }
}
