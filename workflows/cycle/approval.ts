import { ApplicationFailure, condition, isCancellation, setHandler } from '@temporalio/workflow';
import type { WeightsFacts } from '../../domain/guardrails.ts';
import {
  type Decision,
  decide,
  type OperatorVerb,
  type PendingWeights,
  refusalOf,
} from '../../domain/weights-review.ts';
import { untilBlock } from '../shared/until-block.ts';
import type { CycleContext } from './context.ts';
import { decideWeights, pendingWeights } from './messages.ts';

interface Waiting {
  readonly pending: PendingWeights;
  readonly facts: WeightsFacts;
}

/**
 * Where an operator is asked about a vector. Nothing else of the cycle waits for the answer, and the deadline block
 * answers for whoever is asleep.
 *
 * Made before the workflow's first await: an operator may be quicker than the worker that takes the workflow up again.
 */
export class Approval {
  #waiting: Waiting | null = null;
  #verb: OperatorVerb | null = null;

  constructor() {
    setHandler(pendingWeights, () => this.#waiting?.pending ?? null);
    setHandler(decideWeights, async ({ verb }) => this.#take(verb), {
      validator: ({ cycle, verb }) => this.#check(cycle, verb),
    });
  }

  /** Waits for an operator, or for the deadline block. */
  async decision(context: CycleContext, waiting: Waiting): Promise<Decision> {
    const { pending, facts } = waiting;
    this.#waiting = waiting;
    context.view.needsOperator(pending);
    const verb = await untilBlock(context.clock, pending.deadline, 'the policy decides on the weights', async () => {
      await condition(() => this.#verb !== null).catch(ignoreCancellation);
      return this.#verb;
    });
    const decision = decide(verb, pending.policy, pending, facts);
    this.#waiting = null;
    context.view.decided(pending, decision);
    return decision;
  }

  #check(cycle: number, verb: OperatorVerb): void {
    const waiting = this.#verb === null ? this.#waiting : null;
    // The cycle is named because an operator decides on what was looked at, not on what came after it.
    if (waiting === null || waiting.pending.cycle !== cycle) {
      throw ApplicationFailure.nonRetryable(`no vector of cycle ${cycle} waits`, 'OST_WEIGHTS_NOTHING_PENDING');
    }
    const refusal = refusalOf(verb, waiting.pending, waiting.facts);
    if (refusal !== null) throw ApplicationFailure.nonRetryable(refusal, 'OST_WEIGHTS_DECISION');
  }

  #take(verb: OperatorVerb): Decision['kind'] {
    const waiting = this.#waiting;
    if (waiting === null)
      throw ApplicationFailure.nonRetryable('the vector waits no more', 'OST_WEIGHTS_NOTHING_PENDING');
    this.#verb = verb;
    return decide(verb, waiting.pending.policy, waiting.pending, waiting.facts).kind;
  }
}

function ignoreCancellation(error: unknown): void {
  if (!isCancellation(error)) throw error;
}
