import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeExit, type ManagedChild } from '../../adapters/processes/children.ts';
import type { LogLine } from '../../adapters/processes/log-line.ts';
import { choosePort } from '../../adapters/processes/ports.ts';
import { fail } from '../../domain/errors/error.ts';
import { resolveTemporal } from '../../temporal/connect.ts';
import { workflowBundle } from '../../workers/bundle.ts';
import { type DemoDeployment, demoDeployments, demoServerHost, folderOf, writeDeployments } from './layout.ts';
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

/** Starts everything, in an order in which nothing waits for what is not there, and lets the chain run last. */
export async function startStack(
  options: DemoOptions & { readonly stateFolder: string },
  screen: Screen,
  stop: AbortSignal,
): Promise<Stack> {
  const { stateFolder } = options;
  const children: ManagedChild[] = [];
  const logs = await openLogs(stateFolder);
  await using opened = new AsyncDisposableStack();
  opened.defer(() => logs.close());
  // Last started, first stopped: nobody loses its chain or its Temporal before it has ended.
  opened.defer(async () => {
    await Promise.all(children.slice(1).map((child) => child.stop()));
    await children[0]?.stop();
  });
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

  screen.say('Starting Temporal and the chain');
  const ports = await choosePorts(options, screen.say);
  const chainArguments = [
    ...['devnet', '--port', String(ports.chain), '--block-time', `${options.blockTime}ms`, '--state', stateFolder],
    ...['--hold', '--weights-rate-limit', String(weightsRateLimit)],
    ...demoDeployments.filter(({ role }) => role === 'miner').flatMap(({ uri }) => ['--miner', uri]),
  ];
  const [temporal, chain] = await ready(
    Promise.all([
      resolveTemporal({
        stateFolder,
        namespace: 'default',
        user: { role: 'demo', label: 'demo' },
        environment: 'ignored',
        say: screen.say,
        ...(options.temporal === undefined ? {} : { explicitAddress: options.temporal }),
      }),
      launch('chain', chainArguments).then((seen) => seen('chain_ready')),
      workflowBundle(),
    ]),
  );
  opened.defer(temporal.release);
  const chainUrl = String(chain.fields['url']);
  writeDeployments({ stateFolder, chainUrl, serverPort: ports.server });

  screen.say('Starting the validator, its model server and three miners');
  const start = (command: string, event: string, deployment: DemoDeployment, label = deployment.name) =>
    launch(label, [command, '--path', folderOf(stateFolder, deployment), '--temporal', temporal.address]).then((seen) =>
      seen(event),
    );
  await ready(
    Promise.all(
      demoDeployments.flatMap((deployment) =>
        deployment.role === 'validator'
          ? [
              start('validator', 'validator_ready', deployment, 'validator'),
              start('server', 'server_ready', deployment, 'server'),
            ]
          : [start('miner', 'miner_ready', deployment)],
      ),
    ),
  );
  const [chainProcess] = children;
  if (chainProcess !== undefined) process.kill(chainProcess.pid, 'SIGUSR2');
  screen.say('Everything runs');
  const resources = opened.move();
  return {
    chainUrl,
    addresses: {
      temporalUi: temporal.uiUrl ?? null,
      modelServer: `http://${demoServerHost}:${ports.server}`,
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

async function choosePorts({ chainPort, serverPort }: DemoOptions, say: (line: string) => void) {
  const chain = await choosePort({
    port: chainPort ?? 9944,
    purpose: 'the chain',
    configured: chainPort !== undefined,
  });
  const server = await choosePort({
    port: serverPort ?? 8080,
    purpose: 'the model server',
    configured: serverPort !== undefined,
    host: demoServerHost,
  });
  for (const { note } of [chain, server]) if (note !== undefined) say(note);
  return { chain: chain.port, server: server.port };
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
