import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Incoming } from '../../adapters/artifacts/incoming.ts';
import { fail } from '../../domain/errors/error.ts';
import { pathOf } from '../http/error-answer.ts';
import { Slots } from '../http/slots.ts';
import { Deadline } from './deadline.ts';
import type { ModelServerDeps } from './deps.ts';
import { type FormFile, formOverheadBytes, readForm } from './form.ts';
import type { Intake, IntakeAnswer } from './intake.ts';
import { checkUpload, type ExpectedSubmission, useSignature } from './upload-checks.ts';

/** Forms whose fields are being read, before anybody knows whose they are. */
const formsForEachUpload = 4;
/** One that a miner sends, and one whose end nobody has noticed yet. */
const uploadsPerHotkey = 2;

/** `POST /submit` and, for the originals' clients, `POST /submit-checkpoint`: a form with the whole file. */
export function submitRoutes(app: FastifyInstance, deps: ModelServerDeps, intake: Intake): void {
  const { concurrentUploads } = deps.limits;
  const forms = new Slots('uploads', concurrentUploads * formsForEachUpload);
  const files = new Slots('uploads', concurrentUploads, uploadsPerHotkey);
  for (const url of ['/submit', '/submit-checkpoint']) {
    app.post(url, async (request, reply) => reply.send(await submit(deps, { forms, files, intake }, request)));
  }
}

interface Shared {
  readonly forms: Slots;
  readonly files: Slots;
  readonly intake: Intake;
}

/** A file on disk that nobody sees yet, with what is expected of it and the place that it holds. */
interface Received extends AsyncDisposable {
  readonly incoming: Incoming;
  readonly expected: ExpectedSubmission;
}

async function submit(deps: ModelServerDeps, shared: Shared, request: FastifyRequest): Promise<IntakeAnswer> {
  const announcedBytes = checkAnnounced(deps, request.raw);
  const release = shared.forms.take(request.ip);
  const deadline = new Deadline(request.raw, deps.limits.uploadTimeoutMs);
  try {
    await using received = await readForm(request.raw, deadline.signal, (fields, file) =>
      receive(deps, shared.files, deadline, { fields, file, announcedBytes }),
    );
    deadline.end();
    // Judging a large file may take longer than a silent socket is borne with.
    request.raw.socket.setTimeout(0);
    return await shared.intake.take(pathOf(request), received);
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

interface SentForm {
  readonly fields: Readonly<Record<string, string>>;
  readonly file: FormFile;
  readonly announcedBytes: number | null;
}

async function receive(
  deps: ModelServerDeps,
  files: Slots,
  deadline: Deadline,
  { fields, file, announcedBytes }: SentForm,
): Promise<Received> {
  const head = await deps.chain.head();
  const expected = await checkUpload(deps, fields, file.name, head.number);
  const release = files.take(expected.origin);
  try {
    await useSignature(deps, expected);
    const incoming = await deps.store.receive(file.stream, {
      name: 'the submission',
      maxBytes: deps.limits.maxSubmissionBytes,
      signal: deadline.signal,
      ...(announcedBytes === null ? {} : { expectedBytes: announcedBytes }),
    });
    return {
      incoming,
      expected,
      async [Symbol.asyncDispose]() {
        release();
        await incoming.discard();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}
