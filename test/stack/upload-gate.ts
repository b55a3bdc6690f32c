import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Where a neuron's address may be: the chain refuses 127.0.0.1, as the real one does. */
export const serverHost = '127.0.0.2';

/** What begins an upload, and what carries its bytes, which may have a connection of its own. */
const isUpload = /^(POST|PATCH) /;

interface Hold {
  readonly hotkey: string;
  readonly afterBytes: number;
  readonly held: () => void;
}

/**
 * Stands between miners and the model server, under the address that the chain names, and can stop a miner's upload
 * in its middle.
 */
export class UploadGate {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #target = 0;
  #hold: Hold | null = null;
  #holdDown: { readonly afterBytes: number; readonly held: () => void } | null = null;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on('connection', (down) => this.#join(down));
  }

  static async open(): Promise<UploadGate> {
    const server = createServer();
    server.listen(0, serverHost);
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no address');
    return new UploadGate(server, address.port);
  }

  /** The port that the model server listens on now. */
  set target(port: number) {
    this.#target = port;
  }

  /**
   * Stops the next upload of this miner after so many bytes, for good; resolves when it stands still. What the miner
   * sends later, in another connection, goes through.
   */
  holdUpload(hotkey: string, afterBytes: number): Promise<void> {
    return new Promise((held) => {
      this.#hold = { hotkey, afterBytes, held };
    });
  }

  /** Stops the next answer that is longer than so many bytes, for good; resolves when it stands still. */
  holdDownload(afterBytes: number): Promise<void> {
    return new Promise((held) => {
      this.#holdDown = { afterBytes, held };
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(down: Socket): void {
    const up = connect(this.#target, serverHost);
    for (const [socket, other] of [[down, up] as const, [up, down] as const]) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    this.#answer(up, down);
    let bytes = 0;
    let start = '';
    let stopped = false;
    down.on('data', (chunk) => {
      if (stopped) return;
      bytes += chunk.length;
      if (start.length < 4096) start += chunk.toString('latin1');
      const hold = this.#hold;
      if (hold !== null && isUpload.test(start) && start.includes(hold.hotkey) && bytes > hold.afterBytes) {
        stopped = true;
        this.#hold = null;
        up.write(chunk.subarray(0, Math.floor(chunk.length / 2)));
        hold.held();
        return;
      }
      if (!up.write(chunk)) {
        down.pause();
        up.once('drain', () => down.resume());
      }
    });
    down.on('end', () => up.end());
  }

  #answer(up: Socket, down: Socket): void {
    let bytes = 0;
    let stopped = false;
    up.on('data', (chunk) => {
      if (stopped) return;
      bytes += chunk.length;
      const hold = this.#holdDown;
      if (hold !== null && bytes > hold.afterBytes) {
        stopped = true;
        this.#holdDown = null;
        down.write(chunk.subarray(0, Math.floor(chunk.length / 2)));
        hold.held();
        return;
      }
      if (!down.write(chunk)) {
        up.pause();
        down.once('drain', () => up.resume());
      }
    });
    up.on('end', () => down.end());
  }
}
