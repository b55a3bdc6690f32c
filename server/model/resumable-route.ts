import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { discardPartial, ledgerPath, partialPath } from '../../adapters/artifacts/chunks/chunk-file.ts';
import { readChunkLedger } from '../../adapters/artifacts/chunks/ledger.ts';
import { checkFreeSpace } from '../../adapters/artifacts/incoming.ts';
import { type ChunkManifest, readChunkManifest } from '../../domain/chunk-manifest.ts';
import { fail, isOstinatoError, type OstinatoError } from '../../domain/errors/error.ts';
import { pathOf, statusOf } from '../http/error-answer.ts';
import { Slots } from '../http/slots.ts';
import { Deadline } from './deadline.ts';
import type { ModelServerDeps } from './deps.ts';
import type { Intake } from './intake.ts';
import { type Fields, textField } from './signed-request.ts';
import { checkUpload, submissionWindow, useSignature } from './upload-checks.ts';
import { type Gap, gapOf, type UploadSession, UploadSessions } from './upload-sessions.ts';
import { appendUpload } from './upload-stream.ts';

/** 65,536 chunks' hashes, and the fields. */
const maxListBytes = 6 * 1024 * 1024;

/**
 * Uploads that go on where they broke off, also over this server's own restarts:
 *
 * - `POST /submit/uploads`: JSON with the fields of a submission, `file_name`, and the list of the file's chunks;
 *   answered with the upload's id and where to go on;
 * - `GET` or `HEAD /submit/uploads/ID`: where to go on;
 * - `PATCH /submit/uploads/ID` with `Upload-Offset`: bytes from there on; 204 where more are missing, else the answer
 *   of a submission.
 */
export async function resumableRoutes(app: FastifyInstance, deps: ModelServerDeps, intake: Intake): Promise<void> {
  const uploads = new ResumableUploads(deps, intake);
  app.addHook('onReady', () => uploads.endTaken());
  app.post('/submit/uploads', (request, reply) => uploads.begin(request, reply));
  app.route({
    method: ['GET', 'HEAD'],
    url: '/submit/uploads/:id',
    handler: (request, reply) => uploads.show(request, reply),
  });
  app.patch('/submit/uploads/:id', (request, reply) => uploads.append(request, reply));
}

class ResumableUploads {
  readonly #deps: ModelServerDeps;
  readonly #intake: Intake;
  readonly #sessions: UploadSessions;
  readonly #slots: Slots;
  readonly #lists: Slots;
  /** The connection that brings a miner's bytes, by session. */
  readonly #running = new Map<string, { readonly deadline: Deadline; readonly ended: Promise<void> }>();

  constructor(deps: ModelServerDeps, intake: Intake) {
    this.#deps = deps;
    this.#intake = intake;
    this.#sessions = new UploadSessions(deps.store.folder);
    this.#slots = new Slots('uploads', deps.limits.concurrentUploads);
    this.#lists = new Slots('uploads', deps.limits.concurrentUploads);
  }

  /** What a server that was killed had taken, and not put away. */
  async endTaken(): Promise<void> {
    const { submissions } = this.#deps;
    await this.#sessions.endTaken(async ({ expected: { window, origin } }) => {
      return (await submissions.find(window.cycle, origin)) !== null;
    });
  }

  async begin(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const deps = this.#deps;
    const release = this.#lists.take(request.ip);
    try {
      const fields = await readJson(request.raw);
      const head = await deps.chain.head();
      const name = textField(fields, 'file_name', /^[^\0]{1,200}$/, "the file's name");
      const expected = await checkUpload(deps, fields, name, head.number);
      const list = readList(fields, deps.limits.maxSubmissionBytes);
      const { cycle } = expected.window;
      const before = await this.#sessions.current(cycle, expected.origin);
      // The answer to the very same request may have been lost; it gives nothing that its sender did not have.
      if (before?.expected.signatureText !== expected.signatureText) await useSignature(deps, expected);
      await this.#sessions.sweep(cycle);
      const session = await this.#sessions.begin(expected, list);
      const gap = await this.#gapOf(session);
      await checkFreeSpace(deps.store.folder, gap.until - gap.offset);
      return await tell(reply, gap)
        .code(201)
        .send({ upload: session.id, bytes: list.bytes, ...gap });
    } finally {
      release();
    }
  }

  async show(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const session = await this.#find(request);
    const gap = await this.#gapOf(session);
    return await tell(reply, gap).send({ upload: session.id, bytes: session.list.bytes, ...gap });
  }

  async append(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const session = await this.#find(request);
    const { schedule, chain, limits } = this.#deps;
    const { origin, window } = session.expected;
    submissionWindow(schedule(), (await chain.head()).number, window.cycle);
    const given = textField({ ...request.headers }, 'upload-offset', /^\d{1,15}$/, 'the byte to go on from');
    await this.#supersede(session.id);
    const release = this.#slots.take(origin);
    const deadline = new Deadline(request.raw, limits.uploadTimeoutMs);
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.#running.set(session.id, { deadline, ended });
    try {
      return await this.#take(request, reply, { session, from: Number(given), deadline });
    } finally {
      deadline.end();
      this.#running.delete(session.id);
      release();
      end();
    }
  }

  /** A miner that comes again has lost its earlier connection, whether this side has noticed or not. */
  async #supersede(id: string): Promise<void> {
    for (let other = this.#running.get(id); other !== undefined; other = this.#running.get(id)) {
      other.deadline.stop(fail('OST_UPLOAD_SUPERSEDED', {}));
      await other.ended;
    }
  }

  async #take(
    request: FastifyRequest,
    reply: FastifyReply,
    { session, from, deadline }: { session: UploadSession; from: number; deadline: Deadline },
  ): Promise<FastifyReply> {
    const { list } = session;
    const to = this.#sessions.file(session);
    const { complete } = await appendUpload({
      to,
      list,
      from,
      body: request.raw,
      signal: deadline.signal,
      onGap: (gap) => void tell(reply, gap),
    }).catch(async (error: unknown) => {
      if (isOstinatoError(error, 'OST_UPLOAD_DIGEST')) await this.#sessions.end(session);
      throw error;
    });
    if (!complete) return await reply.code(204).send();
    deadline.end();
    // Judging a large file may take longer than a silent socket is borne with.
    request.raw.socket.setTimeout(0);
    const adopted = this.#deps.store.adopt({ path: partialPath(to), digest: list.digest, bytes: list.bytes });
    // The session decides over its bytes: where judging fails by our own fault they are needed once more.
    const leave = async (): Promise<void> => undefined;
    const incoming = { ...adopted, discard: leave, [Symbol.asyncDispose]: leave };
    try {
      const answer = await this.#intake.take(pathOf(request), { incoming, expected: session.expected });
      await this.#sessions.end(session);
      return await reply.send(answer);
    } catch (error) {
      if (isOstinatoError(error) && isFinal(error)) await this.#sessions.end(session);
      throw error;
    }
  }

  async #find({ params }: FastifyRequest): Promise<UploadSession> {
    const id = typeof params === 'object' && params !== null && 'id' in params ? String(params.id) : '';
    const session = await this.#sessions.find(id);
    if (session === null) throw fail('OST_UPLOAD_UNKNOWN', { upload: id.slice(0, 120) });
    return session;
  }

  async #gapOf(session: UploadSession): Promise<Gap> {
    const to = this.#sessions.file(session);
    const kept = await readChunkLedger(ledgerPath(to));
    if (kept !== null && kept.of.chunkBytes !== session.list.chunkBytes) await discardPartial(to);
    return gapOf(session.list, (index) => kept?.chunks.has(index) ?? false);
  }
}

const isFinal = (error: OstinatoError): boolean => statusOf(error) < 500;

const tell = (reply: FastifyReply, { offset, until }: Gap): FastifyReply =>
  reply.header('upload-offset', offset).header('upload-until', until).header('cache-control', 'no-store');

async function readJson(request: IncomingMessage): Promise<Fields> {
  const { 'content-length': length } = request.headers;
  if (length === undefined || Number(length) > maxListBytes) {
    throw fail('OST_HTTP_BAD_REQUEST', { problem: `its body must be JSON of at most ${maxListBytes} bytes` });
  }
  try {
    const value: unknown = JSON.parse(await text(request));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (error) {
    throw fail('OST_HTTP_BAD_REQUEST', { problem: 'its body is no JSON' }, { cause: error });
  }
  throw fail('OST_HTTP_BAD_REQUEST', { problem: 'its body is no JSON object' });
}

function readList(fields: Fields, limitBytes: number): ChunkManifest {
  const list = readChunkManifest({ ...fields, digest: fields['sha256'] });
  if (list === null || list.bytes === 0) {
    throw fail('OST_HTTP_FIELD', {
      field: 'chunks',
      expected: 'bytes, sha256, chunk_bytes and the BLAKE3 of each chunk',
    });
  }
  if (list.bytes > limitBytes) throw fail('OST_ARTIFACT_TOO_LARGE', { name: 'the submission', limitBytes });
  return list;
}
