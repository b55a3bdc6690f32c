import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';

/** Stands between a client and an endpoint, counts what is asked, and can fall silent or hang up. */
export interface RpcProxy {
  readonly url: string;
  /** Methods that went through, in order. */
  readonly methods: string[];
  /** While true, answers are swallowed. */
  silent: boolean;
  /** While true, new connections are cut at once. */
  refuse: boolean;
  /** What the endpoint gets to read of a request. */
  rewrite: (text: string) => string;
  /** Answers instead of the endpoint where it returns something; an Error becomes an RPC error of its text. */
  instead: (method: string, params: readonly unknown[]) => unknown;
  cut(): void;
  close(): Promise<void>;
}

export async function startProxy(target: string): Promise<RpcProxy> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const proxy: RpcProxy = {
    url: `ws://127.0.0.1:${port}`,
    methods: [],
    silent: false,
    refuse: false,
    rewrite: (text) => text,
    instead: () => undefined,
    cut: () => {
      for (const socket of server.clients) socket.terminate();
    },
    close: async () => {
      proxy.cut();
      server.close();
      await once(server, 'close');
    },
  };
  server.on('connection', (down) => {
    if (proxy.refuse) {
      down.terminate();
      return;
    }
    const up = new WebSocket(target);
    const early: string[] = [];
    up.on('open', () => {
      for (const text of early.splice(0)) up.send(text);
    });
    down.on('message', (data) => {
      const text = proxy.rewrite(String(data));
      const { id, method, params = [] }: { id?: number; method?: string; params?: unknown[] } = JSON.parse(text);
      if (method !== undefined) proxy.methods.push(method);
      const answer = method === undefined ? undefined : proxy.instead(method, params);
      if (answer !== undefined) {
        const outcome = isError(answer) ? { error: { code: 4003, message: answer.message } } : { result: answer };
        down.send(JSON.stringify({ jsonrpc: '2.0', id, ...outcome }));
        return;
      }
      if (up.readyState === WebSocket.OPEN) up.send(text);
      else early.push(text);
    });
    up.on('message', (data) => {
      if (!proxy.silent) down.send(String(data));
    });
    down.on('close', () => up.terminate());
    up.on('close', () => down.terminate());
    up.on('error', () => down.terminate());
  });
  return proxy;
}

/** By shape: an error of another realm is no instance of this one's class. */
const isError = (value: unknown): value is { readonly message: string } =>
  typeof value === 'object' && value !== null && 'stack' in value && 'message' in value;
