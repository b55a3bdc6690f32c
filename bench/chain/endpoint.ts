/**
 * The endpoint that the chain's measurements run against, in a process of its own, so that its work and its memory are
 * not taken for the client's: the embedded chain, gated, with 256 neurons that all serve an axon, and beside it a
 * proxy that holds every WebSocket message back, in each direction. Tells its parent both addresses.
 */
import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';
import { connectChain } from '../../adapters/chain/client.ts';
import { signExtrinsic } from '../../adapters/chain/extrinsic.ts';
import { signerFromSecret } from '../../adapters/wallet/signer.ts';
import { type Devnet, startDevnet } from '../../devnet/chain/start.ts';
import { netuid } from '../../domain/units.ts';
import { post } from './post.ts';

const neurons = 256;
/** Axons that go into one block. */
const served = 64;
const delayMs = Number(process.argv[2] ?? 50);

/** A line that takes its time: a message is `delayMs` on its way, however many are. */
async function startSlowProxy(target: string): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  server.on('connection', (down) => {
    const up = new WebSocket(target, { perMessageDeflate: false });
    const connected = once(up, 'open');
    const pass = (text: string, to: WebSocket) =>
      setTimeout(() => {
        if (to.readyState === WebSocket.OPEN) to.send(text);
      }, delayMs);
    down.on('message', (data) => {
      connected.then(
        () => pass(String(data), up),
        () => down.terminate(),
      );
    });
    up.on('message', (data) => pass(String(data), down));
    down.on('close', () => up.terminate());
    up.on('close', () => down.terminate());
    up.on('error', () => down.terminate());
    down.on('error', () => up.terminate());
  });
  const address = server.address();
  return `ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

const uriOf = (index: number): string => `//Neuron${index}`;

/** Has every neuron serve an axon at an address of its own. */
async function serveAxons(devnet: Devnet): Promise<void> {
  const chain = await connectChain({ endpoints: [devnet.url] });
  for (let from = 0; from < neurons; from += served) {
    const birth = await chain.head();
    const waits: Promise<unknown>[] = [];
    for (let index = from; index < from + served; index++) {
      const signer = await signerFromSecret(uriOf(index), 'the bench');
      const call = {
        kind: 'serve_axon',
        netuid: netuid(1),
        ip: `203.0.113.${index % 250}`,
        port: 8_000 + index,
      } as const;
      const envelope = { genesis: chain.genesis, nonce: 0, birth, eraBlocks: 64 };
      const { bytes } = signExtrinsic(chain.runtime, signer, { ...call, version: 1 }, envelope);
      waits.push(chain.submit(bytes, AbortSignal.timeout(60_000)));
    }
    // All have to be in the pool before the block that takes them is built.
    while ((await pending(devnet)) < served) await new Promise((resolve) => setTimeout(resolve, 20));
    await devnet.buildBlock();
    await Promise.all(waits);
  }
  await chain.close();
}

async function pending(devnet: Devnet): Promise<number> {
  const waiting = await post(devnet.port, 'author_pendingExtrinsics', []);
  return Array.isArray(waiting) ? waiting.length : 0;
}

const devnet = await startDevnet({
  folder: null,
  port: 0,
  blockTimeMs: 'gated',
  defaultNeurons: false,
  subnet: { maxAllowedUids: neurons },
  neurons: Array.from({ length: neurons }, (_, index) => ({
    account: uriOf(index),
    coldkey: `//Cold${index % 16}`,
    role: index < 16 ? 'validator' : 'miner',
    stakeRao: BigInt(1 + index) * 1_000_000_000n,
  })),
});
await serveAxons(devnet);
const slowUrl = await startSlowProxy(devnet.url);
process.send?.({ url: devnet.url, port: devnet.port, slowUrl });
process.on('disconnect', () => process.exit(0));
