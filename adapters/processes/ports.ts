import { createServer } from 'node:net';
import { fail } from '../../domain/errors/error.ts';
import { portHolder } from './port-holder.ts';

const LOOPBACK = '127.0.0.1';

/** Binds the port for a moment; gives the port that was bound, or nothing where it is taken or not allowed. */
function tryBind(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}

export const isPortFree = async (port: number, host = LOOPBACK): Promise<boolean> =>
  (await tryBind(port, host)) !== undefined;

/**
 * The preferred port, or the next free one above it; 0 asks the system for any. Between this answer and its use
 * another program may take the port, so whoever binds it must be ready to ask again.
 * @throws OST_PORT_NONE_FREE
 */
export async function freePort(
  preferred: number,
  host = LOOPBACK,
  except: ReadonlySet<number> = new Set(),
): Promise<number> {
  const last = preferred === 0 ? 0 : Math.min(preferred + 200, 65_535);
  for (let port = preferred; port <= last; port += 1) {
    if (except.has(port)) continue;
    const bound = await tryBind(port, host);
    if (bound !== undefined) return bound;
  }
  throw fail('OST_PORT_NONE_FREE', { port: preferred, last });
}

export interface PortWish {
  readonly port: number;
  /** What listens there, for messages: "the model server". */
  readonly purpose: string;
  /** Whether the operator named this port; then no other one will do. */
  readonly configured: boolean;
  readonly host?: string;
}

export interface PortChoice {
  readonly port: number;
  /** Says that and why it is not the one that was wished for. */
  readonly note?: string;
}

/**
 * Answers a wish for a port.
 * @throws OST_PORT_BUSY where a configured port is taken; it names the holder.
 */
export async function choosePort({ port, purpose, configured, host = LOOPBACK }: PortWish): Promise<PortChoice> {
  if (port === 0 || (await isPortFree(port, host))) return { port: await freePort(port, host) };
  const holder = portHolder(port);
  if (configured) throw fail('OST_PORT_BUSY', { port, purpose, holder });
  const other = await freePort(port + 1, host);
  return { port: other, note: `Port ${port} is in use by ${holder}; ${purpose} listens on ${other} instead.` };
}
