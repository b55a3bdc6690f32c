import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeExit, type ManagedChild } from '../../adapters/processes/children.ts';
import type { LogLine } from '../../adapters/processes/log-line.ts';
import { choosePort, freePort } from '../../adapters/processes/ports.ts';
import { ProcessRegistry } from '../../adapters/processes/registry.ts';
import { fail } from '../../domain/errors/error.ts';
import { resolveTemporal } from '../../temporal/connect.ts';
import { workflowBundle } from '../../workers/bundle.ts';
import { demoServerHost, folderOf, writeDeployments } from './layout.ts';
import { type DemoDeployment, type DemoSize, demoParties } from './parties.ts';
import { awaitEvent, startOstinato } from './processes.ts';
import type { Addresses } from './render.ts';
import type { DemoOptions } from './run.ts';
import type { Screen } from './screen.ts';

export interface Stack {
  readonly chainUrl: string;
  readonly addresses: Addresses;
  /** Rejects when one of the processes ends that nobody asked to. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/** Blocks between two vectors of the validator: less than a cycle, so that every cycle's weights are set in it. */
const weightsRateLimit = 20;

/** A server starts and ends within seconds; one that is still being built or waited for is left to the next start. */
const temporalPatienceMs = 15_000;

type StackOptions = Omit<DemoOptions, keyof DemoSize> & DemoSize & { readonly stateFolder: string };

/** Starts everything, and lets the chain build blocks once everybody is ready for the first one. */
export async function startStack(options: StackOptions, screen: Screen, stop: AbortSignal): Promise<Stack> {
  const { stateFolder } = options;
  const children: ManagedChild[] = [];
  const logs = await openLogs(stateFolder);
  await using opened = new AsyncDisposableStack();
  opened.defer(() => logs.close());
  let failure: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    failure = reject;
  });
  failed.catch(() => undefined);

  const launch = async (label: string, args: readonly string[]): Promise<ReturnType<typeof awaitEvent>['seen']> => {
    const events = awaitEvent();
    const child = await startOstinato(label, args, stateFolder, (line) => {
      events.see(line);
      logs.write(label, line);
      screen.line(label, line);
    });
    children.push(child);
    child.exited
      .then((exit) => {
        if (exit.asked || stop.aborted) return;
        failure(fail('OST_DEMO_PROCESS_ENDED', { label, how: describeExit(exit), log: join(stateFolder, 'logs') }));
      })
      .catch(failure);
    return events.seen;
  };
  const ready = <T>(what: Promise<T>): Promise<T> => Promise.race([what, failed, interrupted(stop)]);

  // All at once: most of a start is processes loading their modules, and each of them waits for what it needs.
  const parties = demoParties(options);
  const named = (role: DemoDeployment['role']) => parties.filter((party) => party.role === role);
  screen.say(`Starting Temporal, a chain, ${inWords(options)}`);
  const ports = await choosePorts(options, screen.say);
  const chainUrl = `ws://127.0.0.1:${ports.chain}`;
  const temporalAddress = options.temporal ?? `127.0.0.1:${ports.temporal}`;
  writeDeployments({ stateFolder, chainUrl, serverPorts: ports.servers }, options, options.steps);
  const temporalFound = resolveTemporal({
    stateFolder,
    namespace: 'default',
    user: { role: 'demo', label: 'demo' },
    environment: 'ignored',
    say: screen.say,
    ports: { port: ports.temporal, uiPort: ports.temporalUi },
    ...(options.temporal === undefined ? {} : { explicitAddress: options.temporal }),
  });
  // Last started, first stopped: nobody loses its chain or its Temporal before it has ended. A server that was about to
  // start when somebody interrupted is ended, too.
  opened.defer(() =>
    Promise.race([
      temporalFound.then(
        ({ release }) => release(),
        () => undefined,
      ),
      delay(temporalPatienceMs),
    ]),
  );
  opened.defer(async () => {
    await Promise.all(children.filter(({ label }) => label !== 'chain').map((child) => child.stop()));
    await Promise.all(children.map((child) => child.stop()));
  });
  const chainArguments = [
    ...['devnet', '--port', String(ports.chain), '--block-time', `${options.blockTime}ms`, '--state', stateFolder],
    ...['--hold', '--weights-rate-limit', String(weightsRateLimit)],
    ...named('miner').flatMap(({ uri }) => ['--miner', uri]),
    ...named('validator')
      .slice(1)
      .flatMap(({ uri }) => ['--validator', uri]),
  ];
  const chainStarted = launch('chain', chainArguments).then((seen) => seen('chain_ready'));
  const start = (command: string, event: string, deployment: DemoDeployment, label = deployment.name) =>
    launch(label, [command, '--path', folderOf(stateFolder, deployment), '--temporal', temporalAddress]).then((seen) =>
      seen(event),
    );
  const [temporal] = await ready(
    Promise.all([
      temporalFound.then((found) => {
        if (found.address === temporalAddress) return found;
        throw fail('OST_PORT_BUSY', { port: ports.temporal, purpose: 'Temporal', holder: 'another program' });
      }),
      chainStarted,
      workflowBundle(),
      ...parties.flatMap((party) =>
        party.role === 'validator'
          ? [
              start('validator', 'validator_ready', party, options.validators > 1 ? party.name : 'validator'),
              start('server', 'server_ready', party, options.validators > 1 ? `${party.name}-server` : 'server'),
            ]
          : [start('miner', 'miner_ready', party)],
      ),
    ]),
  );
  const chainProcess = children.find(({ label }) => label === 'chain');
  if (chainProcess !== undefined) process.kill(chainProcess.pid, 'SIGUSR2');
  screen.say('Everything runs');
  const resources = opened.move();
  return {
    chainUrl,
    addresses: {
      temporalUi: temporal.uiUrl ?? null,
      modelServer: [...ports.servers.values()].map((port) => `http://${demoServerHost}:${port}`).join(' '),
      chain: chainUrl,
    },
    failed,
    stop: () => resources.disposeAsync(),
  };
}

const interrupted = (stop: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    stop.addEventListener('abort', () => reject(fail('OST_DEMO_INTERRUPTED', {})), { once: true });
  });

/** What is about to start. */
function inWords({ validators, miners }: DemoSize): string {
  const words = [
    'no',
    'one',
    'two',
    'three',
    'four',
    'five',
    'six',
    'seven',
    'eight',
    'nine',
    'ten',
    'eleven',
    'twelve',
  ];
  const of = (count: number, one: string, many: string) => (count === 1 ? one : `${words[count] ?? count} ${many}`);
  const servers = validators === 1 ? 'its model server' : 'their model servers';
  return `${of(validators, 'a validator', 'validators')}, ${servers} and ${of(miners, 'one miner', 'miners')}`;
}

async function choosePorts(options: StackOptions, say: (line: string) => void) {
  const { chainPort, serverPort, stateFolder } = options;
  const chain = await choosePort({
    port: chainPort ?? 9944,
    purpose: 'the chain',
    configured: chainPort !== undefined,
  });
  if (chain.note !== undefined) say(chain.note);
  const servers = new Map<string, number>();
  let next = serverPort ?? 8080;
  for (const { role, name } of demoParties(options)) {
    if (role !== 'validator') continue;
    const server = await choosePort({
      port: next,
      purpose: 'the model server',
      configured: serverPort !== undefined && servers.size === 0,
      host: demoServerHost,
    });
    if (server.note !== undefined) say(server.note);
    servers.set(name, server.port);
    next = server.port + 1;
  }
  // A server that a killed start left behind is joined where it is.
  const [running] = new ProcessRegistry(stateFolder).list('temporal');
  const recorded = Number(running?.address?.split(':').at(-1));
  const temporal = recorded > 0 ? recorded : await freePort(7233);
  return { chain: chain.port, servers, temporal, temporalUi: await freePort(temporal + 1000) };
}

/** Every process's lines, as they came, in `logs/<label>.log`. */
async function openLogs(
  stateFolder: string,
): Promise<{ write(label: string, line: LogLine): void; close(): Promise<void> }> {
  const folder = join(stateFolder, 'logs');
  await mkdir(folder, { recursive: true });
  const files = new Map<string, WriteStream>();
  return {
    write(label, { fields }) {
      const file = files.get(label) ?? createWriteStream(join(folder, `${label}.log`), { flags: 'a' });
      files.set(label, file);
      file.write(`${JSON.stringify(fields)}\n`);
    },
    close: async () => {
      await Promise.all([...files.values()].map((file) => new Promise((resolve) => file.end(resolve))));
    },
  };
}
