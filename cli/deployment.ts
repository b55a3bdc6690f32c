import { basename, dirname } from 'node:path';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { type ChainClient, connectChain } from '../adapters/chain/client.ts';
import type { ProcessRecord, Registration } from '../adapters/processes/record.ts';
import { ProcessRegistry } from '../adapters/processes/registry.ts';
import { writeEffective } from '../config/effective.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { MinerConfig, ValidatorConfig } from '../config/schema/deployment.ts';
import { resolveTemporal, type TemporalTarget } from '../temporal/connect.ts';
import { connectNative } from '../temporal/native.ts';
import { installRuntime } from '../workers/runtime.ts';
import { type SigningChild, startSigningChild } from '../workers/signing/parent.ts';
import { createLog } from './log.ts';

/** What the chain client reports, in words. */
const chainNews = (event: string, fields: Readonly<Record<string, string | number>>): string =>
  `Chain: ${event.replace(/^chain_/, '').replaceAll('_', ' ')} ${fields['endpoint'] ?? ''}`.trim();

export interface CommonOptions {
  readonly path?: string;
  readonly temporal?: string;
}

/** What a command has open, to be closed in the opposite order on its way out. */
export class OpenDeployment<C extends MinerConfig | ValidatorConfig> implements AsyncDisposable {
  readonly role: string;
  readonly folder: string;
  readonly config: C;
  readonly log: Logger;
  readonly registry: ProcessRegistry;
  readonly #loaded: LoadedConfig<C>;
  readonly #resources = new AsyncDisposableStack();

  constructor(role: string, loaded: LoadedConfig<C>, { quiet = false } = {}) {
    this.role = role;
    this.folder = loaded.folder;
    this.config = loaded.config;
    this.#loaded = loaded;
    this.log = createLog({ level: quiet ? 'error' : loaded.config.log_level, role, label: this.label });
    this.registry = new ProcessRegistry(loaded.config.state_dir);
    if (quiet) return;
    // The words are the original's, by which its operators know a healthy start.
    const file = writeEffective(role, loaded.folder, loaded.sources);
    this.log.info({ event: 'config_loaded', folder: this.folder }, `Wrote config ${file}`);
  }

  /** The directory's hotkey part, as people know the deployment. */
  get label(): string {
    return basename(dirname(this.#loaded.folder));
  }

  /** The environment with the `.env` files below it. */
  get environment(): Readonly<Record<string, string | undefined>> {
    return this.#loaded.environment;
  }

  get stateFolder(): string {
    return this.config.state_dir;
  }

  defer(close: () => Promise<unknown>): void {
    this.#resources.defer(async () => {
      await close();
    });
  }

  /** Writes this process, or a child of it, into the list that `ostinato status` shows. */
  register(registration: Partial<Registration> = {}): ProcessRecord {
    const record = this.registry.register({ role: this.role, label: this.label, ...registration });
    this.#resources.defer(() => this.registry.unregister(record));
    return record;
  }

  /** Joins or starts Temporal. The namespace is the deployment's own: it shares nothing but chain and HTTP. */
  async temporal(explicitAddress: string | undefined): Promise<TemporalTarget> {
    const { temporal, state_dir } = this.config;
    const kind = this.role.startsWith('miner') ? 'miner' : 'validator';
    // Flag over environment over file, as for every other setting.
    const address = explicitAddress ?? (this.#loaded.environment['TEMPORAL_ADDRESS'] ? null : temporal.address);
    const target = await resolveTemporal({
      stateFolder: state_dir,
      namespace: temporal.namespace ?? `${kind}-${this.label.replace(/[^\w.-]/g, '-')}`,
      user: { role: this.role, label: this.label },
      environment: this.#loaded.environment,
      retentionDays: temporal.retention_days,
      say: (line) => this.log.info({ event: 'temporal_progress' }, line),
      ...(address == null ? {} : { explicitAddress: address }),
    });
    this.defer(target.release);
    const { namespace, uiUrl } = target;
    this.log.info(
      { event: 'temporal_ready', address: target.address, namespace, uiUrl },
      `Temporal: ${target.address}`,
    );
    return target;
  }

  async workerConnection(target: TemporalTarget): Promise<NativeConnection> {
    installRuntime(this.log);
    const connection = await connectNative(target);
    this.defer(() => connection.close());
    return connection;
  }

  async chain(): Promise<ChainClient> {
    const { chain_endpoint: endpoints, chain_archive_endpoint: archiveEndpoints, timeouts } = this.config;
    const chain = await connectChain({
      endpoints,
      ...(archiveEndpoints == null ? {} : { archiveEndpoints }),
      timeoutMs: timeouts.chain_call_seconds * 1000,
      log: (event, fields) => this.log.info({ event, ...fields }, chainNews(event, fields)),
    });
    this.defer(() => chain.close());
    return chain;
  }

  /** Starts the one process that holds the key. */
  async signing(role: 'validator' | 'miner', { connectionOptions, namespace }: TemporalTarget): Promise<SigningChild> {
    const mode = 'weights' in this.config ? this.config.weights.mode : 'full';
    const withheld = mode === 'watch' || mode === 'dry-run' ? mode : null;
    const signing = await startSigningChild(
      { role, folder: this.folder, connectionOptions, namespace, withheld },
      {
        onStart: (pid) => this.register({ role: 'signer', pid }),
        onDeath: (reason) => this.log.warn({ event: 'signer_died', reason }, `The signing worker ended: ${reason}`),
      },
    );
    this.defer(() => signing.stop());
    return signing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
