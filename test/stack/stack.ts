import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { type ChainClient, connectChain } from '../../adapters/chain/client.ts';
import { type Ledger, openLedger } from '../../adapters/ledger/open.ts';
import { describeExit, type ManagedChild } from '../../adapters/processes/children.ts';
import { endProcess, waitUntilGone } from '../../adapters/processes/end.ts';
import { isAlive } from '../../adapters/processes/identity.ts';
import type { LogLine } from '../../adapters/processes/log-line.ts';
import { ProcessRegistry } from '../../adapters/processes/registry.ts';
import { signerFromSecret } from '../../adapters/wallet/signer.ts';
import { initConfig } from '../../config/init.ts';
import { type SubnetOptions, startDevnet } from '../../devnet/chain/start.ts';
import type { Schedule } from '../../domain/phases.ts';
import { type Hotkey, netuid } from '../../domain/units.ts';
import { chainLabel } from '../../temporal/ids.ts';
import { EventLog } from './event-log.ts';
import { Gate } from './gate.ts';
import { startOstinato } from './processes.ts';
import { serverHost, UploadGate } from './upload-gate.ts';

export const subnet = netuid(1);

export interface StackOptions {
  readonly temporal: { readonly address: string; readonly connection: Client['connection'] };
  /** Makes the chain's genesis; two stacks with one salt have the same chain. */
  readonly salt: string;
  readonly schedule: Schedule['lengths'];
  /** Names of the dev accounts that mine, in the order of their groups. */
  readonly miners: readonly string[];
  /** Registered without a process: the test itself speaks for them. */
  readonly scripted?: readonly string[];
  /**
   * Names of the dev accounts that are validators beside alice. Each has the processes NAME and `NAME server`; hers are
   * `validator` and `server`.
   */
  readonly peers?: readonly string[];
  readonly steps: number;
  readonly blockTimeMs?: number | 'gated';
  readonly subnet?: SubnetOptions;
  /** Keys of their own, by name (`alice` is the validator), instead of the development accounts. */
  readonly wallets?: ReadonlyMap<string, StackWallet>;
  /** Told of every line that a process writes. */
  readonly onLine?: (line: LogLine) => void;
  /** Alice's own part of the cycle's seed; each peer has the next number. */
  readonly fixedSeed?: number;
  /** More settings of the validators. */
  readonly validatorValues?: Readonly<Record<string, string | number>>;
  /** What a gated chain says that its blocks take. */
  readonly nominalBlockTimeMs?: number;
  /** Namespaces that are there already, by the account that works in each, instead of fresh ones. */
  readonly namespaces?: (account: string) => string;
  /** More variables for a process. */
  readonly environment?: (name: string, folder: string) => Readonly<Record<string, string>>;
  /** Told of a process that ended without being asked to; without it, that fails the test. */
  readonly onEnd?: (name: string) => void;
}

/** A hotkey, and how its processes get to it. */
export interface StackWallet {
  readonly hotkey: Hotkey;
  readonly values: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** One process of the stack, as its name says: `validator`, `server`, a peer's, or a miner. */
type Name = string;

const serverOf = / ?server$/;

const uriOf = (name: string): string => `//${name[0]?.toUpperCase()}${name.slice(1)}`;

/** The real processes of one subnet, on a chain of the test's own. */
export class Stack implements AsyncDisposable {
  readonly folder: string;
  readonly schedule: Schedule;
  readonly log = new EventLog();
  readonly gate: Gate;
  /** What stands before alice's model server. */
  readonly uploads: UploadGate;
  readonly chain: ChainClient;
  readonly miners: readonly string[];
  readonly peers: readonly string[];
  readonly hotkeys: ReadonlyMap<string, Hotkey>;
  readonly #options: StackOptions;
  readonly #gates: ReadonlyMap<string, UploadGate>;
  readonly #children = new Map<Name, ManagedChild>();
  readonly #registry: ProcessRegistry;
  readonly #resources: AsyncDisposableStack;
  readonly #ledgers = new Map<string, Ledger>();

  private constructor(
    options: StackOptions,
    parts: Pick<Stack, 'folder' | 'gate' | 'uploads' | 'chain' | 'hotkeys'> & {
      readonly gates: ReadonlyMap<string, UploadGate>;
    },
    resources: AsyncDisposableStack,
  ) {
    this.#options = options;
    this.#resources = resources;
    this.folder = parts.folder;
    this.gate = parts.gate;
    this.uploads = parts.uploads;
    this.#gates = parts.gates;
    this.chain = parts.chain;
    this.hotkeys = parts.hotkeys;
    this.miners = options.miners;
    this.peers = options.peers ?? [];
    this.schedule = { name: options.schedule.join('-'), lengths: options.schedule };
    this.#registry = new ProcessRegistry(this.folder);
  }

  /** Opens chain, folders and configurations; processes start when the test says so. */
  static async open(options: StackOptions): Promise<Stack> {
    await using opened = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'ostinato-stack-'));
    opened.defer(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, 'tmp'));
    const names = [...options.miners, ...(options.scripted ?? [])];
    const { peers = [] } = options;
    const accountOf = (name: string): string => options.wallets?.get(name)?.hotkey ?? uriOf(name);
    const net = opened.adopt(
      await startDevnet({
        folder: null,
        port: 0,
        blockTimeMs: options.blockTimeMs ?? 'gated',
        ...(options.nominalBlockTimeMs === undefined ? {} : { nominalBlockTimeMs: options.nominalBlockTimeMs }),
        salt: options.salt,
        defaultNeurons: false,
        neurons: [
          ...['alice', ...peers].map((name) => ({ account: accountOf(name), role: 'validator' }) as const),
          ...names.map((name) => ({ account: accountOf(name), role: 'miner' }) as const),
        ],
        subnet: { weightsRateLimit: 5, ...options.subnet },
      }),
      (each) => each.close(),
    );
    const uploads = opened.adopt(await UploadGate.open(), (each) => each.close());
    const gates = new Map([['alice', uploads]]);
    for (const name of peers)
      gates.set(
        name,
        opened.adopt(await UploadGate.open(), (each) => each.close()),
      );
    const chain = opened.adopt(await connectChain({ endpoints: [net.url] }), (each) => each.close());
    const hotkeys = new Map<string, Hotkey>();
    for (const name of ['alice', ...peers, ...names]) {
      const own = options.wallets?.get(name)?.hotkey;
      hotkeys.set(name, own ?? (await signerFromSecret(uriOf(name), name)).hotkey);
    }
    const stack = new Stack(options, { folder, gate: new Gate(net), uploads, gates, chain, hotkeys }, opened.move());
    stack.#configure(net.url);
    return stack;
  }

  hotkey(name: string): Hotkey {
    const found = this.hotkeys.get(name);
    if (found === undefined) throw new Error(`nobody is called ${name}`);
    return found;
  }

  get validator(): Hotkey {
    return this.hotkey('alice');
  }

  /** The chain's label, as in workflow ids. */
  get chainLabel(): string {
    return chainLabel(this.chain.genesis);
  }

  pathOf(name: Name): string {
    const role = this.miners.includes(name) ? 'miner' : 'validator';
    return join(this.folder, 'checkpoints', role, this.accountOf(name), 'test');
  }

  /** The account that a process works for. */
  accountOf(name: Name): string {
    const owner = name.replace(serverOf, '');
    return owner === '' || owner === 'validator' ? 'alice' : owner;
  }

  /** What stands before the model server of a validator's process. */
  uploadsOf(name: Name): UploadGate {
    const found = this.#gates.get(this.accountOf(name));
    if (found === undefined) throw new Error(`${name} has no model server`);
    return found;
  }

  /** A client of the namespace that the process works in. */
  client(name: Name): Client {
    return new Client({ connection: this.#options.temporal.connection, namespace: this.#namespace(name) });
  }

  /** A validator's ledger, read while its processes are at work. */
  async ledger(name: Name = 'validator'): Promise<Ledger> {
    const account = this.accountOf(name);
    const open = this.#ledgers.get(account) ?? (await openLedger({ file: join(this.pathOf(name), 'ledger.sqlite') }));
    this.#ledgers.set(account, open);
    return open;
  }

  /** Starts a process, or starts it again, and waits until it is ready. */
  async start(name: Name, ...args: readonly string[]): Promise<void> {
    const since = this.log.mark();
    const isServer = serverOf.test(name);
    const command = this.miners.includes(name) ? 'miner' : isServer ? 'server' : 'validator';
    const child = await startOstinato(
      name,
      [command, '--path', this.pathOf(name), '--temporal', this.#options.temporal.address, ...args],
      this.folder,
      (line) => {
        this.#options.onLine?.(line);
        this.log.add(name, line);
      },
      // The server signs nothing by itself.
      {
        ...this.#options.environment?.(name, this.folder),
        ...(isServer ? {} : this.#wallet(name)?.environment),
      },
    );
    this.#children.set(name, child);
    void child.exited.then((exit) => {
      if (exit.asked || this.#children.get(name) !== child) return;
      if (this.#options.onEnd !== undefined) {
        this.#options.onEnd(name);
        return;
      }
      this.log.fail(new Error(`${name} ended by itself: ${describeExit(exit)}\n${this.log.tail()}`));
    });
    const { fields } = await this.log.wait({ source: name, event: `${command}_ready`, since });
    if (isServer) this.uploadsOf(name).target = Number(fields['port']);
  }

  /** SIGKILL to the process and to the evaluator or trainer in its process group; its signer ends by itself. */
  async kill(name: Name): Promise<void> {
    const child = this.#child(name);
    this.#children.delete(name);
    const signer = this.helper('signer', name, { required: false });
    process.kill(-child.pid, 'SIGKILL');
    await child.exited;
    if (signer !== null) {
      // One that was stopped could not see that its parent is gone.
      process.kill(signer.pid, 'SIGCONT');
      if (!(await waitUntilGone(signer, 30_000))) throw new Error(`the signer of ${name} outlived it`);
    }
  }

  /** SIGTERM; resolves with the exit code. */
  async stop(name: Name): Promise<number | null> {
    const child = this.#child(name);
    await child.stop();
    this.#children.delete(name);
    return (await child.exited).code;
  }

  /** Whether the process lives: one that was killed a moment ago does not, though its end may not have come here. */
  runs(name: Name): boolean {
    const child = this.#children.get(name);
    return child !== undefined && isAlive(child);
  }

  signal(name: Name, signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    process.kill(this.#child(name).pid, signal);
  }

  /** The record of a child process of one of the stack's processes. */
  helper(
    role: 'signer' | 'evaluator' | 'trainer',
    of: Name,
    options: { readonly required: false },
  ): ReturnType<ProcessRegistry['list']>[number] | null;
  helper(role: 'signer' | 'evaluator' | 'trainer', of: Name): ReturnType<ProcessRegistry['list']>[number];
  helper(role: 'signer' | 'evaluator' | 'trainer', of: Name, { required = true } = {}) {
    const label = this.accountOf(of);
    const found = serverOf.test(of) ? undefined : this.#registry.list(role).findLast((each) => each.label === label);
    if (found === undefined && required) throw new Error(`no ${role} of ${of}`);
    return found ?? null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const records = this.#registry.list();
    await Promise.all([...this.#children.values()].map((child) => killGroup(child)));
    await Promise.all(records.filter((record) => isAlive(record)).map((record) => killOne(record)));
    for (const ledger of this.#ledgers.values()) await ledger.close();
    await this.#resources.disposeAsync();
  }

  #child(name: Name): ManagedChild {
    const child = this.#children.get(name);
    if (child === undefined) throw new Error(`${name} does not run`);
    return child;
  }

  #wallet(name: Name): StackWallet | undefined {
    return this.#options.wallets?.get(this.accountOf(name));
  }

  #namespace(name: Name): string {
    const account = this.accountOf(name);
    const { namespaces } = this.#options;
    // One state folder is one run: its random name makes the namespaces of a shared server unique.
    return namespaces?.(account) ?? `${this.folder.split('ostinato-stack-')[1]}-${account}`;
  }

  #configure(chainUrl: string): void {
    const { schedule, steps } = this.#options;
    const commonOf = (name: Name) => ({
      chain_endpoint: chainUrl,
      netuid: subnet,
      schedule,
      state_dir: this.folder,
      ...(this.#wallet(name)?.values ?? { 'wallet.uri': uriOf(name) }),
      'temporal.namespace': this.#namespace(name),
    });
    ['alice', ...this.peers].forEach((name, index) => {
      initConfig({
        role: 'validator',
        hotkey: name,
        run: 'test',
        folder: this.pathOf(name),
        values: {
          ...commonOf(name),
          server_host: serverHost,
          server_port: 0,
          'axon.external_ip': serverHost,
          'axon.external_port': this.uploadsOf(name).port,
          'seed.fixed': (this.#options.fixedSeed ?? 7) + index,
          evaluator_threads: 1,
          ...this.#options.validatorValues,
        },
      });
    });
    this.miners.forEach((name, group) => {
      initConfig({
        role: 'miner',
        hotkey: name,
        run: 'test',
        folder: this.pathOf(name),
        values: {
          ...commonOf(name),
          expert_group: group,
          'training.steps': steps,
          'training.batch_size': 4,
          'training.checkpoint_interval_steps': 2,
          'training.threads': 1,
        },
      });
    });
  }
}

async function killGroup(child: ManagedChild): Promise<void> {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
  await child.exited;
}

const killOne = async (record: { readonly pid: number; readonly startTime: string; readonly label: string }) => {
  // A stopped process does not take SIGTERM; at once is right for all of them.
  await endProcess(record, { graceMs: 0 });
};
