/** What a timelocked commit says once it is open. */
export interface WeightsPayload {
  /** The committer's public key; null in the older form, which is still read. */
  readonly hotkey: Uint8Array | null;
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly versionKey: bigint;
}

/** SCALE: the hotkey as a list of bytes, the uids, the values (both u16) and the version key (u64). */
export function encodeWeightsPayload({ hotkey, uids, values, versionKey }: WeightsPayload): Uint8Array {
  const key = new Uint8Array(8);
  new DataView(key.buffer).setBigUint64(0, versionKey, true);
  return Uint8Array.from([
    ...(hotkey === null ? [] : [...compact(hotkey.length), ...hotkey]),
    ...u16s(uids),
    ...u16s(values),
    ...key,
  ]);
}

/** Null for bytes that are no payload. Bytes behind it are left alone, as the chain leaves them. */
export function decodeWeightsPayload(bytes: Uint8Array): WeightsPayload | null {
  return attempt(bytes, true) ?? attempt(bytes, false);
}

const PUBLIC_KEY_BYTES = 32;

function attempt(bytes: Uint8Array, withHotkey: boolean): WeightsPayload | null {
  const input = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const count = (): number => {
    const first = input.getUint8(at);
    const mode = first & 3;
    // Four bytes hold every length that a commit of 5,000 bytes can have.
    if (mode === 3) throw new RangeError('too long');
    const [size, raw] =
      mode === 0 ? [1, first] : mode === 1 ? [2, input.getUint16(at, true)] : [4, input.getUint32(at, true)];
    at += size;
    return raw >>> 2;
  };
  const entry = (): number => {
    at += 2;
    return input.getUint16(at - 2, true);
  };
  const list = (): number[] => Array.from({ length: bounded(count()) }, entry);
  const bounded = (length: number): number => {
    if (length > bytes.length) throw new RangeError('longer than its bytes');
    return length;
  };
  try {
    let hotkey: Uint8Array | null = null;
    if (withHotkey) {
      const size = bounded(count());
      hotkey = bytes.slice(at, at + size);
      at += size;
      if (hotkey.length < PUBLIC_KEY_BYTES) return null;
    }
    const [uids, values] = [list(), list()];
    return { hotkey, uids, values, versionKey: input.getBigUint64(at, true) };
  } catch (error) {
    if (error instanceof RangeError) return null; // read beyond the end
    throw error;
  }
}

function u16s(values: readonly number[]): number[] {
  return [...compact(values.length), ...values.flatMap((value) => [value & 0xff, value >>> 8])];
}

function compact(value: number): number[] {
  if (value < 64) return [value << 2];
  if (value < 16_384) return [((value << 2) & 0xff) | 1, value >>> 6];
  const wide = value * 4 + 2;
  return [wide & 0xff, (wide >>> 8) & 0xff, (wide >>> 16) & 0xff, wide >>> 24];
}
