import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { ChainClient } from '../adapters/chain/client.ts';
import type { TemporalTarget } from '../temporal/connect.ts';

/** What every process of a deployment is given by the command that it is. */
export interface DeploymentProcess {
  /** `checkpoints/<role>/<hotkey>/<run>/`. */
  readonly folder: string;
  readonly stateFolder: string;
  readonly temporal: Pick<TemporalTarget, 'address' | 'namespace' | 'connectionOptions'>;
  readonly connection: NativeConnection;
  readonly chain: ChainClient;
  readonly log: Logger;
}

/** A role at work in this process. */
export interface RunningRole {
  /** Rejects when it can no longer do its work; resolves after {@link stop}. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}
