import type { ArtifactStore } from '../../adapters/artifacts/store.ts';
import type { ChainClient } from '../../adapters/chain/client.ts';
import type { MinerMetrics } from '../../adapters/metrics/miner-metrics.ts';
import type { Verify } from '../../adapters/peers/check.ts';
import type { CapturedSchedule } from '../../adapters/schedule/captured.ts';
import type { ScheduleSource } from '../../adapters/schedule/source.ts';
import type { TrainingCommand } from '../../adapters/training-command/command-job.ts';
import type { SeedSource } from '../../domain/cycle-assignment.ts';
import type { MinerPlan } from '../../domain/miner-plan.ts';
import type { Hotkey, Netuid } from '../../domain/units.ts';
import type { ActivityLog } from '../log.ts';

/** What a miner's `io` activities stand on. */
export interface MinerIoDeps {
  readonly netuid: Netuid;
  readonly hotkey: Hotkey;
  readonly rules: Pick<MinerPlan, 'group' | 'training' | 'location'>;
  readonly schedules: ScheduleSource;
  readonly captured: CapturedSchedule;
  /** As the validators of the subnet have it. */
  readonly seedSource: SeedSource;
  /** The validator to work with; null for the one with the most stake. */
  readonly validatorHotkey: Hotkey | null;
  readonly token: string | null;
  readonly chain: ChainClient;
  readonly store: ArtifactStore;
  /** How many slices and trained files stay. */
  readonly checkpointsKept: number;
  /** Where each cycle's training keeps its state. */
  readonly trainings: string;
  /** Where downloads in progress are kept, so that a restart resumes them. */
  readonly downloads: string;
  /** How many ranges of a file are fetched at a time. */
  readonly ranges: number;
  /** The folder behind the location that is committed; null where the operator brings the file there. */
  readonly publishFolder: string | null;
  readonly publicKey: (hotkey: Hotkey) => Uint8Array;
  /** sr25519 over raw bytes; false, or thrown, for what is malformed. */
  readonly verify: Verify;
  readonly metrics: MinerMetrics;
  readonly log: ActivityLog;
}

/** What a miner's `train` activity stands on. It needs no chain and no key. */
export interface MinerTrainDeps {
  readonly hotkey: Hotkey;
  readonly store: ArtifactStore;
  /** Folder of graphs, base weights and corpus. */
  readonly modelFolder: string;
  readonly groups: number;
  /** Training data of one's own; null for what ships with the model. */
  readonly datasetPath: string | null;
  /** Where each cycle's training keeps its checkpoints. */
  readonly trainings: string;
  /** Where the state is put for people when this process ends in the middle of a training. */
  readonly finalFile: string | null;
  /** A trainer of the operator's own instead of the built-in one. */
  readonly command: TrainingCommand | null;
  readonly metrics: MinerMetrics;
  readonly onChild?: (pid: number, role: string) => void;
  readonly log: ActivityLog;
}
