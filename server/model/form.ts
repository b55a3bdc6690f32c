import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { fail, messageOf } from '../../domain/errors/error.ts';

/** Seven short fields and one file is all there is; a hostile form must not be able to hold more than that. */
const limits = { fields: 16, fieldNameSize: 100, fieldSize: 4096, files: 1, parts: 17, headerPairs: 16 };

export interface FormFile {
  readonly name: string;
  readonly stream: Readable;
}

/** The length of the form without its file can only be guessed; it is small. */
export const formOverheadBytes = 64 * 1024;

/**
 * Reads a multipart form of fields and, after them, one file. `take` gets the fields before a byte of the file is
 * read, so that it can refuse; what it returns is disposed of where the form turns out to be broken after all.
 *
 * @throws what `take` throws, the signal's reason, OST_HTTP_UPLOAD_TYPE, _ORDER or OST_HTTP_BAD_REQUEST
 */
export async function readForm<T extends AsyncDisposable>(
  request: IncomingMessage,
  signal: AbortSignal,
  take: (fields: Readonly<Record<string, string>>, file: FormFile) => Promise<T>,
): Promise<T> {
  const form = openForm(request);
  const fields = new Map<string, string>();
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const disorder = (problem: string): void => reject(fail('OST_HTTP_UPLOAD_ORDER', { problem }));
  const state: { taken: Promise<T> | null; body: Readable | null } = { taken: null, body: null };

  form.on('field', (name: string, value: string, nameCut: boolean, valueCut: boolean) => {
    if (state.taken !== null) disorder(`the field "${name.slice(0, 40)}" comes after the file`);
    else if (nameCut || valueCut) disorder(`the field "${name.slice(0, 40)}" is too long`);
    else if (fields.has(name)) disorder(`the field "${name}" comes twice`);
    else fields.set(name, value);
  });
  form.on('file', (part: string, stream: Readable, name: string | undefined) => {
    // Errors of the part reach `take`, which reads it; this keeps an unread one from ending the process.
    stream.on('error', () => undefined);
    if (part !== 'file') {
      disorder(`the file's field is "${part.slice(0, 40)}" instead of "file"`);
      stream.resume();
      return;
    }
    state.body = stream;
    state.taken = take(Object.fromEntries(fields), { name: name ?? '', stream });
    state.taken.catch(reject);
  });
  for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'])
    form.on(limit, () => disorder('it has too many parts'));
  form.on('error', (error: unknown) => reject(fail('OST_HTTP_BAD_REQUEST', { problem: messageOf(error) })));
  form.on('finish', () => {
    if (state.taken === null) disorder('it has no file');
    else state.taken.then(resolve, reject);
  });
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  request.pipe(form);
  try {
    return await promise;
  } catch (error) {
    request.unpipe(form);
    form.destroy();
    // A form that is destroyed leaves its file's stream waiting for bytes that never come.
    state.body?.destroy(fail('OST_HTTP_BAD_REQUEST', { problem: 'the form is broken' }));
    await disposeOf(state.taken);
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function disposeOf(taken: Promise<AsyncDisposable> | null): Promise<void> {
  // Where it failed, its failure is the one that is being reported already, and there is nothing to dispose of.
  const result = await taken?.catch(() => null);
  await result?.[Symbol.asyncDispose]();
}

function openForm(request: IncomingMessage): BusboyInstance {
  const type = request.headers['content-type'] ?? '';
  try {
    if (!/^multipart\/form-data\s*;/i.test(type)) throw new Error(type === '' ? 'no content type' : type.slice(0, 60));
    return new Busboy({ headers: { ...request.headers, 'content-type': type }, limits, preservePath: true });
  } catch (error) {
    throw fail('OST_HTTP_UPLOAD_TYPE', { problem: messageOf(error) }, { cause: error });
  }
}
