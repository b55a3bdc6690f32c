import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';

/** Stands between a client and an endpoint, counts what is asked, and can fall silent or hang up. */
export interface RpcProxy {
  readonly url: string;
  /** Methods that went through, in order. */
  readonly methods: string[];
  /** While true, answers are swallowed. */
  silent: boolean;
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
    const up = new WebSocket(target);
    const early: string[] = [];
    up.on('open', () => {
      for (const text of early.splice(0)) up.send(text);
    });
    down.on('message', (data) => {
      const text = String(data);
      const { method }: { method?: string } = JSON.parse(text);
      if (method !== undefined) proxy.methods.push(method);
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
