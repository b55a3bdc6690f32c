import type { ArtifactStore } from '../../adapters/artifacts/store.ts';
import type { ChainClient } from '../../adapters/chain/client.ts';
import type { Ledger } from '../../adapters/ledger/open.ts';
import type { Corpus } from '../../adapters/model/corpus.ts';
import type { Evaluator } from '../../adapters/model/evaluator.ts';
import type { PublishedModels } from '../../adapters/published-model/open.ts';
import type { CapturedSchedule } from '../../adapters/schedule/captured.ts';
import type { ScheduleSource } from '../../adapters/schedule/source.ts';
import type { CyclePlan } from '../../domain/cycle-plan.ts';
import type { Hotkey, Netuid } from '../../domain/units.ts';
import type { ActivityLog } from '../log.ts';
import type { TransferRules } from '../submission/pull.ts';

/** The rules of a validator as its configuration gives them; a {@link CyclePlan} captures them for one cycle. */
export type CycleRules = Pick<
  CyclePlan,
  | 'groups'
  | 'evalRows'
  | 'evalSelection'
  | 'evalBatchSize'
  | 'scoreRule'
  | 'outer'
  | 'minimumContributors'
  | 'consensusTimeoutMs'
  | 'seedSource'
  | 'fixedSeed'
  | 'expertGroup'
  | 'weightsVersionKey'
  | 'weights'
>;

/** What a validator's activities stand on. */
export interface ValidatorDeps {
  readonly schedules: ScheduleSource;
  readonly captured: CapturedSchedule;
  readonly chainName: string;
  readonly netuid: Netuid;
  readonly hotkey: Hotkey;
  readonly rules: CycleRules;
  readonly chain: ChainClient;
  readonly ledger: Ledger;
  readonly store: ArtifactStore;
  readonly models: PublishedModels;
  readonly evaluator: Evaluator;
  readonly corpus: Corpus;
  /** sr25519 over `message`; false for anything malformed. */
  readonly verify: (message: Uint8Array, signature: Uint8Array, hotkey: Hotkey) => boolean;
  readonly evaluationTimeoutMs: number;
  /** How many checkpoints stay besides the model's own files. */
  readonly checkpointsKept: number;
  /** Where downloads in progress are kept, so that a restart resumes them. */
  readonly downloads: string;
  readonly maxSubmissionBytes: number;
  /** How files of other servers are fetched. */
  readonly transfers: TransferRules;
  readonly log: ActivityLog;
}
