import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { fail } from '../../../domain/errors/error.ts';
import type { Dispatcher } from './dispatch.ts';
import { methodNotFound } from './failure.ts';
import type { Faults } from './faults.ts';
import type { Client } from './method.ts';

const MAX_REQUEST_BYTES = 16 * 1024 * 1024;
/** Longer than the patience of any client: undici gives up after 4 s, Python's pools after a minute. */
const idleConnectionMs = 75_000;

export interface RpcServer {
  readonly port: number;
  dropSockets(): void;
  close(): Promise<void>;
}

/** JSON-RPC by WebSocket and by HTTP POST on one port. */
export async function startRpcServer(
  host: string,
  port: number,
  dispatch: Dispatcher,
  faults: () => Faults,
): Promise<RpcServer> {
  const http = createServer((request, response) => {
    answerHttp(request, response, dispatch, faults()).catch(() => response.destroy());
  });
  // Clients give an idle connection up after seconds; a server that does so first may close it upon a request.
  http.keepAliveTimeout = idleConnectionMs;
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false, maxPayload: MAX_REQUEST_BYTES });
  sockets.on('connection', (socket) => serveSocket(socket, dispatch, faults()));
  // The HTTP server reports the same errors; unheard here, they would end the process.
  sockets.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    http.once('error', (error) => {
      const busy = 'code' in error && error.code === 'EADDRINUSE';
      const purpose = 'the embedded chain';
      reject(busy ? fail('OST_PORT_BUSY', { port, purpose, holder: 'another program' }, { cause: error }) : error);
    });
    http.listen(port, host, resolve);
  });
  const address = http.address();
  const dropSockets = () => {
    for (const socket of sockets.clients) socket.terminate();
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    dropSockets,
    close: async () => {
      dropSockets();
      sockets.close();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

function serveSocket(socket: WebSocket, dispatch: Dispatcher, faults: Faults): void {
  const subscriptions = new Map<string, () => void>();
  const send = (message: unknown) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };
  socket.on('error', () => undefined); // a broken frame closes the socket; nobody else is concerned
  socket.on('close', () => {
    for (const stop of subscriptions.values()) stop();
    subscriptions.clear();
  });
  socket.on('message', (data) => {
    /** Starts of subscriptions wait until their id has been answered: clients drop notices for ids they do not know. */
    const opened: (() => void)[] = [];
    const client: Client = {
      subscribe: (notice, start) => {
        const id = randomBytes(8).toString('base64url');
        let held: unknown[] | null = [];
        // What was unsubscribed is told nothing more, though its source may go on: an included transaction's finality.
        const deliver = (result: unknown) => {
          if (subscriptions.has(id)) send({ jsonrpc: '2.0', method: notice, params: { subscription: id, result } });
        };
        const stop = start((result) => (held === null ? deliver(result) : held.push(result)));
        subscriptions.set(id, stop);
        opened.push(() => {
          const waiting = held ?? [];
          held = null;
          waiting.forEach(deliver);
        });
        return id;
      },
      unsubscribe: (id) => {
        subscriptions.get(id)?.();
        return subscriptions.delete(id);
      },
      drop: () => socket.terminate(),
    };
    const answer = dispatch(parse(String(data)), client);
    const finish = () => {
      send(answer);
      for (const open of opened) open();
    };
    if (faults.delayMs > 0) setTimeout(finish, faults.delayMs);
    else finish();
  });
}

async function answerHttp(
  request: IncomingMessage,
  response: ServerResponse,
  dispatch: Dispatcher,
  faults: Faults,
): Promise<void> {
  if (request.method !== 'POST') {
    response.writeHead(405).end();
    return;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Uint8Array)) continue;
    size += chunk.length;
    if (size > MAX_REQUEST_BYTES) {
      response.writeHead(413).end();
      return;
    }
    chunks.push(chunk);
  }
  const client: Client = {
    subscribe: () => {
      throw methodNotFound();
    },
    unsubscribe: () => false,
    drop: () => request.socket.destroy(),
  };
  const answer = dispatch(parse(Buffer.concat(chunks).toString('utf8')), client);
  if (faults.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, faults.delayMs));
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}

/** What cannot be parsed becomes a request without a method, which is answered as invalid. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
