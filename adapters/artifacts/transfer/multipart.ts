import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

export interface FormFile {
  readonly path: string;
  /** The name that the form gives it. */
  readonly name: string;
}

export interface Form {
  readonly contentType: string;
  /** Known beforehand, so that a server can refuse a file that is too large before its first byte. */
  readonly contentLength: number;
  chunks(): AsyncGenerator<Buffer>;
}

/** A multipart form: all fields first, then the file, streamed from disk. */
export async function formOf(fields: Readonly<Record<string, string>>, file: FormFile): Promise<Form> {
  const { size } = await stat(file.path);
  const boundary = `ostinato-${randomBytes(18).toString('hex')}`;
  const part = (disposition: string, value: string): string =>
    `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${value}`;
  const head = Buffer.from(
    Object.entries(fields)
      .map(([name, value]) => part(`name="${name}"`, `\r\n${value}\r\n`))
      .join('') + part(`name="file"; filename="${file.name}"`, 'Content-Type: application/octet-stream\r\n\r\n'),
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    contentLength: head.length + size + tail.length,
    async *chunks() {
      yield head;
      // No more than was announced, even where the file grows meanwhile.
      if (size > 0) yield* createReadStream(file.path, { highWaterMark: 1024 * 1024, end: size - 1 });
      yield tail;
    },
  };
}
