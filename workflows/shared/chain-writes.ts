import { ApplicationFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  condition,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { ChainCall, WriteOutcome, WriteRequest } from '../../domain/chain-write.ts';
import type { Blocks } from '../../domain/units.ts';
import { writerId } from '../../temporal/ids.ts';
import type { WriterInput } from '../writer/input.ts';
import { requestWrite, writeSettled } from '../writer/messages.ts';

interface Asked {
  /** Idempotency key: asking twice is asking once. */
  readonly key: string;
  readonly call: ChainCall;
  /** The last block in which it is of use; null where it may wait. */
  readonly deadline: Blocks | null;
}

/**
 * A workflow's side of the one writer of its hotkey. Asking and answering are signals: what was asked is in two
 * histories before anything is signed, and an answer waits for a workflow that is just being restarted.
 *
 * Made before a workflow's first await, because answers may already be waiting.
 */
export class ChainWrites {
  readonly #outcomes = new Map<string, WriteOutcome>();
  readonly #asked = new Set<string>();
  readonly #writer: WriterInput;

  constructor(writer: WriterInput) {
    this.#writer = writer;
    setHandler(writeSettled, ({ key, outcome }) => {
      this.#outcomes.set(key, outcome);
    });
  }

  async ask(asked: Asked): Promise<void> {
    const request: WriteRequest = { ...asked, replyTo: workflowInfo().workflowId };
    const id = writerId(this.#writer.chain, this.#writer.hotkey);
    this.#asked.add(asked.key);
    try {
      await getExternalWorkflowHandle(id).signal(requestWrite, request);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await startWriter(id, this.#writer);
      await getExternalWorkflowHandle(id).signal(requestWrite, request);
    }
  }

  /** Answers in the writer's place, where there is nothing to ask it. */
  answer(key: string, outcome: WriteOutcome): void {
    this.#asked.add(key);
    this.#outcomes.set(key, outcome);
  }

  /** Waits for the writer's answer. It always comes: every request ends in one. */
  async settled(key: string): Promise<WriteOutcome> {
    await condition(() => this.#outcomes.has(key));
    const outcome = this.#outcomes.get(key);
    if (outcome === undefined) throw new Error(`no outcome of ${key}`);
    return outcome;
  }

  /** Whether this workflow asked for it, so that an answer will come. */
  asked(key: string): boolean {
    return this.#asked.has(key);
  }
}

/** The SDK has no class for it: a signal that found nobody is an application failure of this type. */
const isNotFound = (error: unknown): boolean =>
  error instanceof ApplicationFailure && error.type === 'ExternalWorkflowExecutionNotFound';

/** The writer outlives whoever happened to start it: other workflows of the hotkey depend on it. */
async function startWriter(id: string, input: WriterInput): Promise<void> {
  try {
    await startChild('ChainWriterWorkflow', {
      workflowId: id,
      taskQueue: input.queues.workflows,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `signs for ${input.hotkey}`,
    });
  } catch (error) {
    // Somebody else started it between our signal and now, which is as good.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
