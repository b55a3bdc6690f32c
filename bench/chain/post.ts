import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * A call over HTTP, past all WebSockets, on a connection of its own: a busy chain may close one that waits for its next
 * use.
 */
export async function post(port: number, method: string, params: readonly unknown[]): Promise<unknown> {
  const sent = request({ host: '127.0.0.1', port, method: 'POST', agent: false });
  sent.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  const [answer] = await once(sent, 'response');
  const { result, error }: { readonly result?: unknown; readonly error?: unknown } = JSON.parse(await text(answer));
  if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
  return result;
}
