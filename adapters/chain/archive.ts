import { fail } from '../../domain/errors/error.ts';
import type { Hex } from '../../domain/units.ts';
import { type ChainLog, Connection } from './connection.ts';
import { hexOf } from './json.ts';
import { BlockReader } from './reader.ts';

export interface ArchiveOptions {
  /** WebSocket addresses of nodes that keep all states, in order of preference. */
  readonly endpoints: readonly string[];
  readonly timeoutMs: number;
  readonly genesis: Hex;
  readonly log?: ChainLog;
}

/** The archive endpoints: connected to only when a state is asked for that a plain node has no longer. */
export class Archive {
  readonly #options: ArchiveOptions;
  #opened: Promise<{ readonly connection: Connection; readonly reader: BlockReader }> | null = null;

  constructor(options: ArchiveOptions) {
    this.#options = options;
  }

  async reader(): Promise<BlockReader> {
    this.#opened ??= this.#open();
    try {
      return (await this.#opened).reader;
    } catch (error) {
      this.#opened = null;
      throw error;
    }
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => null);
    await opened?.connection.close();
  }

  async #open() {
    const { endpoints, timeoutMs, genesis, log } = this.#options;
    const connection: Connection = new Connection({
      endpoints,
      timeoutMs,
      ...(log === undefined ? {} : { log }),
      onConnect: async (send) => {
        const found = hexOf(await send('chain_getBlockHash', [0]), 'genesis hash');
        if (found === genesis) return;
        throw fail('OST_CHAIN_WRONG_GENESIS', { endpoint: connection.endpoint, expected: genesis, found });
      },
    });
    try {
      await connection.open();
    } catch (error) {
      await connection.close();
      throw error;
    }
    return { connection, reader: new BlockReader(connection) };
  }
}
