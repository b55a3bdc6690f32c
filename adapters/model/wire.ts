import protobuf from 'protobufjs/minimal.js';

/** One field of a protobuf message as it lies in the bytes: `raw` is tag and value, `value` the value alone. */
export interface WireField {
  readonly number: number;
  readonly wireType: number;
  readonly raw: Uint8Array;
  /** Without the length in front, where there is one. */
  readonly value: Uint8Array;
}

const lengthDelimited = 2;

/** The fields of a message in their order. Nothing is decoded: what is not understood can be copied as it is. */
export function* wireFields(message: Uint8Array): Generator<WireField> {
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const tag = reader.uint32();
    const wireType = tag & 7;
    let valueStart = reader.pos;
    if (wireType === lengthDelimited) {
      const length = reader.uint32();
      valueStart = reader.pos;
      reader.skip(length);
    } else {
      reader.skipType(wireType);
    }
    yield {
      number: tag >>> 3,
      wireType,
      raw: message.subarray(start, reader.pos),
      value: message.subarray(valueStart, reader.pos),
    };
  }
}

/** The fields of a message in their order, with those of one number changed. */
export const mapFields = (message: Uint8Array, number: number, change: (field: WireField) => Uint8Array) =>
  Array.from(wireFields(message), (field) => (field.number === number ? change(field) : field.raw));

/** A length-delimited field. */
export function wireBytes(number: number, value: Uint8Array): Uint8Array {
  return protobuf.Writer.create()
    .uint32(((number << 3) | lengthDelimited) >>> 0)
    .bytes(value)
    .finish();
}

/** A length-delimited field that holds text. */
export const wireText = (number: number, text: string): Uint8Array => wireBytes(number, Buffer.from(text));

/** A field that holds one integer. */
export const wireInteger = (number: number, value: number): Uint8Array =>
  protobuf.Writer.create()
    .uint32((number << 3) >>> 0)
    .int64(value)
    .finish();

/** The integers of a repeated int64 field, packed or not. */
export function wireIntegers(field: WireField): readonly number[] {
  const reader = protobuf.Reader.create(field.value);
  const values: number[] = [];
  while (reader.pos < reader.len) values.push(Number(reader.uint64()));
  return values;
}

export const textOf = (field: WireField): string => Buffer.from(field.value).toString('utf8');
