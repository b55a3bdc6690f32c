import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { post } from './post.ts';

/** The endpoint in its own process; see endpoint.ts. */
export interface BenchEndpoint {
  readonly url: string;
  /** The same chain, each message `delayMs` later in each direction. */
  readonly slowUrl: string;
  /** Calls a method over HTTP, past all WebSockets. */
  call(method: string, ...params: readonly unknown[]): Promise<unknown>;
  close(): void;
}

interface Addresses {
  readonly url: string;
  readonly slowUrl: string;
  readonly port: number;
}

export async function openEndpoint(delayMs: number): Promise<BenchEndpoint> {
  const child = fork(join(import.meta.dirname, 'endpoint.ts'), [String(delayMs)], { stdio: 'inherit', execArgv: [] });
  const died = once(child, 'exit').then(() => {
    throw new Error('the endpoint died before it was ready');
  });
  const [message] = await Promise.race([once(child, 'message'), died]);
  died.catch(() => undefined);
  const { url, slowUrl, port } = message as Addresses; // our own child's only message
  return {
    url,
    slowUrl,
    call: (method, ...params) => post(port, method, params),
    close: () => child.disconnect(),
  };
}
