import { asSafetensors } from '../../adapters/artifacts/checkpoint-format.ts';
import type { Incoming } from '../../adapters/artifacts/incoming.ts';
import { fail } from '../../domain/errors/error.ts';
import { bytes } from '../../domain/units.ts';
import { shortHotkey } from '../http/human.ts';
import { KeyLock } from '../http/key-lock.ts';
import type { AcceptedSubmission, ModelServerDeps } from './deps.ts';
import { judgeFile } from './judge-file.ts';
import type { ServerMetrics } from './metrics.ts';
import { checkFirst, type ExpectedSubmission, submissionWindow } from './upload-checks.ts';

/** A file on disk that nobody sees yet, with what is expected of it. */
export interface Arrived {
  readonly incoming: Incoming;
  readonly expected: ExpectedSubmission;
}

/** What a client is answered: what it sent, and as what that is kept. */
export interface IntakeAnswer {
  readonly status: 'ok';
  readonly stored_path: string;
  /** SHA-256 of what is kept: of safetensors, whatever was sent. */
  readonly digest: string;
  /** Size and SHA-256 of what was sent. */
  readonly bytes: number;
  readonly sha256: string;
}

/** Judges a file that has arrived, whichever way, and enters it as the miner's one submission of the cycle. */
export class Intake {
  readonly #deps: ModelServerDeps;
  readonly #metrics: ServerMetrics;
  readonly #cycles = new KeyLock();

  constructor(deps: ModelServerDeps, metrics: ServerMetrics) {
    this.#deps = deps;
    this.#metrics = metrics;
  }

  /** @param path the route that it came by, for the log */
  async take(path: string, { incoming, expected }: Arrived, signal?: AbortSignal): Promise<IntakeAnswer> {
    const deps = this.#deps;
    const { digest: sha256, bytes: size } = incoming;
    const options = { name: 'the submission', maxBytes: deps.limits.maxSubmissionBytes, signal };
    await using kept = await asSafetensors(deps.store, incoming, options);
    await judgeFile(kept.path, expected.committed, await deps.manifest(), deps.store);
    // One after the other for each miner and cycle, so that the loser's bytes never enter the store.
    const key = `${expected.window.cycle}/${expected.origin}`;
    const submission = await this.#cycles.run(key, () => this.#accept({ incoming: kept, expected }));
    this.#tell(path, submission);
    this.#metrics.received.inc(size);
    await this.#wake(submission);
    const { digest } = submission;
    return { status: 'ok', stored_path: digest, digest, bytes: size, sha256 };
  }

  /** The bytes become visible first and count second: a crash between the two leaves a file too many, and no gap. */
  async #accept({ incoming, expected }: Arrived): Promise<AcceptedSubmission> {
    const deps = this.#deps;
    const { origin, block, window, committed } = expected;
    const head = await deps.chain.head();
    submissionWindow(deps.schedule(), head.number, window.cycle);
    await checkFirst(deps, window.cycle, expected);
    const { digest } = await incoming.keep('application/vnd.safetensors');
    const submission: AcceptedSubmission = {
      cycle: window.cycle,
      hotkey: origin,
      group: committed.group,
      modelHash: committed.modelHash,
      digest,
      bytes: bytes(incoming.bytes),
      block,
      receivedAtBlock: head.number,
    };
    if ((await deps.submissions.accept(submission)) === 'accepted') return submission;
    // Another process was faster. The file stays: the same bytes may be another miner's submission.
    await checkFirst(deps, window.cycle, expected);
    throw fail('OST_SUBMISSION_DUPLICATE', { hotkey: origin, cycle: window.cycle, digest });
  }

  #tell(path: string, submission: AcceptedSubmission): void {
    // An upload in parts has an address of its own, which says nothing to whoever reads the log.
    const route = path.replace(/\/uploads\/.*$/, '');
    const { hotkey, group, receivedAtBlock: block, cycle, digest, modelHash, bytes: size } = submission;
    this.#deps.log.info(
      { event: 'submission_accepted', hotkey, group, block, cycle, digest, modelHash, bytes: size },
      `POST ${route} | hotkey: ${shortHotkey(hotkey)} | group: ${group} | block: ${block} | checkpoint accepted`,
    );
  }

  async #wake(submission: AcceptedSubmission): Promise<void> {
    const { log, onAccepted } = this.#deps;
    try {
      await onAccepted(submission);
    } catch (error) {
      const { hotkey, cycle } = submission;
      log.warn({ event: 'submission_signal_failed', hotkey, cycle, err: error }, 'Nobody was told of the submission');
    }
  }
}
