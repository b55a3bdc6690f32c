import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Incoming } from '../../adapters/artifacts/incoming.ts';
import { fail } from '../../domain/errors/error.ts';
import { bytes } from '../../domain/units.ts';
import { pathOf } from '../http/error-answer.ts';
import { shortHotkey } from '../http/human.ts';
import { KeyLock } from '../http/key-lock.ts';
import { Slots } from '../http/slots.ts';
import type { AcceptedSubmission, ModelServerDeps } from './deps.ts';
import { type FormFile, formOverheadBytes, readForm } from './form.ts';
import { judgeFile } from './judge-file.ts';
import type { ServerMetrics } from './metrics.ts';
import { checkFirst, checkUpload, type ExpectedSubmission, submissionWindow } from './upload-checks.ts';

/** `POST /submit` and, for the originals' clients, `POST /submit-checkpoint`. */
export function submitRoutes(app: FastifyInstance, deps: ModelServerDeps, metrics: ServerMetrics): void {
  const slots = new Slots('uploads', deps.limits.concurrentUploads);
  const cycles = new KeyLock();
  // The form is read as it comes: a body parser would have it in memory first.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  for (const url of ['/submit', '/submit-checkpoint']) {
    app.post(url, async (request, reply) => {
      const submission = await submit(deps, { slots, cycles, metrics }, request);
      const { digest, bytes: size } = submission;
      return reply.send({ status: 'ok', stored_path: digest, digest, bytes: size, sha256: digest });
    });
  }
}

interface Shared {
  readonly slots: Slots;
  readonly cycles: KeyLock;
  readonly metrics: ServerMetrics;
}

/** A file on disk that nobody sees yet, with what is expected of it. */
interface Received extends AsyncDisposable {
  readonly incoming: Incoming;
  readonly expected: ExpectedSubmission;
}

async function submit(deps: ModelServerDeps, shared: Shared, request: FastifyRequest): Promise<AcceptedSubmission> {
  const announcedBytes = checkAnnounced(deps, request.raw);
  const head = await deps.chain.head();
  submissionWindow(deps.schedule, head.number);
  const release = shared.slots.take('');
  const deadline = new Deadline(request.raw, deps.limits.uploadTimeoutMs);
  try {
    await using received = await readForm(request.raw, deadline.signal, (fields, file) =>
      receive(deps, deadline, fields, file, announcedBytes),
    );
    deadline.end();
    // Judging a large file may take longer than a silent socket is borne with.
    request.raw.socket.setTimeout(0);
    const { incoming, expected } = received;
    await judgeFile(incoming.path, expected.committed, await deps.manifest(), deps.store);
    // One after the other for each miner and cycle, so that the loser's bytes never enter the store.
    const key = `${expected.window.cycle}/${expected.claim.origin}`;
    const submission = await shared.cycles.run(key, () => accept(deps, received));
    announce(deps, pathOf(request), submission);
    shared.metrics.received.inc(submission.bytes);
    await wake(deps, submission);
    return submission;
  } finally {
    deadline.end();
    release();
  }
}

function checkAnnounced({ limits }: ModelServerDeps, request: IncomingMessage): number | null {
  const header = request.headers['content-length'];
  if (header === undefined) return null;
  const announced = Number(header);
  if (announced > limits.maxSubmissionBytes + formOverheadBytes) {
    throw fail('OST_ARTIFACT_TOO_LARGE', { name: 'the submission', limitBytes: limits.maxSubmissionBytes });
  }
  return announced;
}

async function receive(
  deps: ModelServerDeps,
  deadline: Deadline,
  fields: Readonly<Record<string, string>>,
  file: FormFile,
  announcedBytes: number | null,
): Promise<Received> {
  const head = await deps.chain.head();
  const expected = await checkUpload(deps, fields, file.name, head.number);
  const incoming = await deps.store.receive(file.stream, {
    name: 'the submission',
    maxBytes: deps.limits.maxSubmissionBytes,
    signal: deadline.signal,
    ...(announcedBytes === null ? {} : { expectedBytes: announcedBytes }),
  });
  return { incoming, expected, [Symbol.asyncDispose]: () => incoming.discard() };
}

/** The bytes become visible first and count second: a crash between the two leaves a file too many, and no gap. */
async function accept(deps: ModelServerDeps, { incoming, expected }: Received): Promise<AcceptedSubmission> {
  const { claim, window, committed } = expected;
  const head = await deps.chain.head();
  submissionWindow(deps.schedule, head.number, window.cycle);
  await checkFirst(deps, window.cycle, claim);
  const { digest } = await incoming.keep('application/vnd.safetensors');
  const submission: AcceptedSubmission = {
    cycle: window.cycle,
    hotkey: claim.origin,
    group: committed.group,
    modelHash: claim.modelHash,
    digest,
    bytes: bytes(incoming.bytes),
    block: claim.block,
    receivedAtBlock: head.number,
  };
  if ((await deps.submissions.accept(submission)) === 'accepted') return submission;
  // Another process was faster. The file stays: the same bytes may be another miner's submission.
  await checkFirst(deps, window.cycle, claim);
  throw fail('OST_SUBMISSION_DUPLICATE', { hotkey: claim.origin, cycle: window.cycle, digest });
}

function announce({ log }: ModelServerDeps, path: string, submission: AcceptedSubmission): void {
  const { hotkey, group, receivedAtBlock: block, cycle, digest, modelHash, bytes: size } = submission;
  log.info(
    { event: 'submission_accepted', hotkey, group, block, cycle, digest, modelHash, bytes: size },
    `POST ${path} | hotkey: ${shortHotkey(hotkey)} | group: ${group} | block: ${block} | checkpoint accepted`,
  );
}

async function wake({ log, onAccepted }: ModelServerDeps, submission: AcceptedSubmission): Promise<void> {
  try {
    await onAccepted(submission);
  } catch (error) {
    const { hotkey, cycle } = submission;
    log.warn({ event: 'submission_signal_failed', hotkey, cycle, err: error }, 'Nobody was told of the submission');
  }
}

/** Ends an upload that takes too long or whose client has gone. */
class Deadline {
  readonly #controller = new AbortController();
  readonly #request: IncomingMessage;
  readonly #timer: NodeJS.Timeout;

  constructor(request: IncomingMessage, timeoutMs: number) {
    this.#request = request;
    this.#timer = setTimeout(() => {
      this.#controller.abort(fail('OST_HTTP_UPLOAD_TOO_SLOW', { timeoutMs }));
    }, timeoutMs);
    request.once('close', this.#gone);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#request.off('close', this.#gone);
  }

  readonly #gone = (): void => {
    const { complete, socket } = this.#request;
    if (!complete) this.#controller.abort(fail('OST_HTTP_UPLOAD_BROKEN', { bytes: socket.bytesRead }));
  };
}
