import { once } from 'node:events';
import { WebSocket } from 'ws';

/** What an endpoint answered with instead of a result. */
export class RpcAnswerError extends Error {
  override readonly name = 'RpcAnswerError';
  readonly code: number;
  readonly data: unknown;

  /** Words as the chain client's library makes them, so that both are classified alike. */
  constructor({ code, message, data }: { code: number; message: string; data?: unknown }) {
    super(`${code}: ${message}${data === undefined ? '' : `: ${String(data)}`}`);
    this.code = code;
    this.data = data;
  }
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** A bare JSON-RPC connection: single reads that do not go through the client under test. */
export interface Rpc {
  call(method: string, ...params: readonly unknown[]): Promise<unknown>;
  close(): void;
}

/** How long an endpoint may take: a block of chopsticks on a busy machine takes seconds. */
const timeoutMs = 60_000;

export async function openRpc(url: string): Promise<Rpc> {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  const waiting = new Map<number, (answer: Answer | Error) => void>();
  socket.on('message', (data) => {
    const answer: Answer = JSON.parse(String(data));
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
  });
  socket.on('close', () => {
    for (const settle of waiting.values()) settle(new Error(`${url} hung up`));
  });
  let last = 0;
  return {
    call: (method, ...params) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        const settle = (answer: Answer | Error) => {
          clearTimeout(timer);
          waiting.delete(id);
          if (answer instanceof Error) reject(answer);
          else if (answer.error !== undefined) reject(new RpcAnswerError(answer.error));
          else resolve(answer.result);
        };
        const timer = setTimeout(() => settle(new Error(`${url} did not answer ${method}`)), timeoutMs);
        waiting.set(id, settle);
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      }),
    close: () => socket.close(),
  };
}
