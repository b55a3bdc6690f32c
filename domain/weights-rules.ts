import type { GuardrailLimits } from './guardrails.ts';

/**
 * What a validator does with its weights and commitments:
 *
 * - `watch`: judges and scores, and never signs anything for the chain.
 * - `dry-run`: the same, and records what it would have sent.
 * - `vote`: every vector waits for an operator.
 * - `full`: a vector waits only where a guardrail trips.
 */
export const weightsModes = ['watch', 'dry-run', 'vote', 'full'] as const;
export type WeightsMode = (typeof weightsModes)[number];

/** Whether a mode lets anything be signed for the chain at all. */
export const signs = (mode: WeightsMode): boolean => mode === 'vote' || mode === 'full';

/** What becomes of a vector that nobody decided on by its deadline block. */
export const deadlinePolicies = ['last_good', 'publish', 'nothing'] as const;
export type DeadlinePolicy = (typeof deadlinePolicies)[number];

/** How a validator's vectors are let out; captured by a cycle's plan. */
export interface WeightsRules {
  /** The mechanism (sub-subnet) that the weights are for; 0 is every subnet's first. */
  readonly mecid: number;
  readonly mode: WeightsMode;
  readonly policy: DeadlinePolicy;
  readonly limits: GuardrailLimits;
  /** Blocks since the hotkey's last update after which its last good vector is sent again; null for never. */
  readonly resendAfterBlocks: number | null;
}
