import type { IncomingMessage } from 'node:http';
import { Busboy } from '@fastify/busboy';
import { fail, messageOf } from '../../domain/errors/error.ts';

/** A handful of short fields; more is nobody's request. */
const maxBytes = 16 * 1024;
const limits = { fields: 16, fieldNameSize: 100, fieldSize: 4096, files: 0, parts: 16, headerPairs: 16 };

/**
 * The fields of a form without files, in either encoding; empty where there is no body. For requests that no parser
 * reads, as a GET with a body is one.
 *
 * @throws OST_HTTP_BAD_REQUEST
 */
export async function readFormFields(request: IncomingMessage): Promise<Readonly<Record<string, string>>> {
  const { 'content-type': type = '', 'content-length': length, 'transfer-encoding': coding } = request.headers;
  if ((length === undefined || Number(length) === 0) && coding === undefined) return {};
  const refuse = (problem: string, cause?: unknown) => fail('OST_HTTP_BAD_REQUEST', { problem }, { cause });
  if (!/^(multipart\/form-data|application\/x-www-form-urlencoded)/i.test(type)) throw refuse('its body is no form');
  if (Number(length) > maxBytes) throw refuse('its form is too large');
  const { promise, resolve, reject } = Promise.withResolvers<Readonly<Record<string, string>>>();
  try {
    const form = new Busboy({ headers: { ...request.headers, 'content-type': type }, limits });
    const fields = new Map<string, string>();
    let bytes = 0;
    form.on('field', (name: string, value: string) => {
      if (fields.has(name)) reject(refuse(`the field "${name.slice(0, 40)}" comes twice`));
      fields.set(name, value);
    });
    form.on('finish', () => resolve(Object.fromEntries(fields)));
    form.on('error', (error: unknown) => reject(refuse(messageOf(error), error)));
    request.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > maxBytes) reject(refuse('its form is too large'));
    });
    request.once('close', () => reject(refuse('its form broke off')));
    request.pipe(form);
    return await promise;
  } catch (error) {
    request.unpipe();
    throw error instanceof TypeError ? refuse(messageOf(error), error) : error;
  }
}
