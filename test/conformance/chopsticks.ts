import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface Chopsticks {
  readonly url: string;
  close(): Promise<void>;
}

/** Compiling the runtime takes seconds, and much longer on a machine that does other things. */
const startMs = 60_000;

/** Starts a raw chain specification on a free port of 127.0.0.1. Blocks come only when they are asked for. */
export async function startChopsticks(specification: string): Promise<Chopsticks> {
  const port = await freePort();
  // The package exports its library alone; the program lies two folders above that.
  const library = createRequire(import.meta.url).resolve('@acala-network/chopsticks');
  const program = join(dirname(library), '..', '..', 'chopsticks.cjs');
  const args = [
    '--genesis',
    specification,
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--build-block-mode',
    'Manual',
  ];
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Not what this process was started with: loaders and module flags of a test run are not for it.
    env: { PATH, HOME, NODE_COMPILE_CACHE, NODE_NO_WARNINGS: '1' },
  });
  let said = '';
  const listening = new Promise<void>((resolve) => {
    const hear = (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-4_000);
      if (said.includes('RPC listening')) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
  });
  const close = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  const stop = new AbortController();
  const over = once(child, 'exit', { signal: stop.signal }).then(
    () => 'it ended',
    () => 'stopped',
  );
  const late = delay(startMs, 'it takes too long', { signal: stop.signal }).catch(() => 'stopped');
  const reason = await Promise.race([listening, over, late]);
  stop.abort();
  if (reason !== undefined) {
    await close();
    throw new Error(`chopsticks did not start: ${reason}\n${said}`);
  }
  return { url: `ws://127.0.0.1:${port}`, close };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}
