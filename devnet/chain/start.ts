import { cryptoWaitReady } from '@polkadot/util-crypto';
import type { Hex } from '../../domain/units.ts';
import { runtimeApis } from './apis/answer.ts';
import { declareRuntime } from './declaration/runtime.ts';
import { Chain, type ChainSettings } from './node/chain.ts';
import type { DevnetOptions } from './options.ts';
import { createDispatcher } from './rpc/dispatch.ts';
import { Faults } from './rpc/faults.ts';
import { startRpcServer } from './rpc/server.ts';
import { createRuntime, type Runtime } from './runtime/runtime.ts';
import { openStore } from './state/open.ts';

export type { DevnetOptions, GenesisNeuron, SubnetOptions } from './options.ts';

export interface Devnet {
  /** `ws://127.0.0.1:PORT`; the same port answers HTTP. */
  readonly url: string;
  readonly port: number;
  readonly genesisHash: Hex;
  readonly faults: Omit<Faults, 'beaconStalled' | 'delayMs' | 'stall' | 'takeCut' | 'takeLoss' | 'takeRefusal'>;
  head(): { readonly number: number; readonly hash: Hex };
  /** Builds the next block now, in whatever mode; resolves when it is on disk and announced. */
  buildBlock(): Promise<{ readonly number: number; readonly hash: Hex }>;
  /** Ends the block clock, the server and the database. */
  close(): Promise<void>;
}

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_FINALITY_LAG = 2;
/** What a gated chain says its blocks take: short, so that clients that estimate waits ask again soon. */
const GATED_BLOCK_TIME_MS = 100;

/** A node's own. */
const DEFAULT_POOL_LIMIT = 8_192;

/** Rounds of quicknet, one every 3 s, in a block of 12 s. A beacon counts whole seconds, so short blocks see fewer. */
const ROUNDS_PER_BLOCK = 4;

/** A gated chain's time goes by blocks alone, so that its beacon's rounds do, too, however fast blocks are built. */
function blockClock(blockTimeMs: number): (lastMs: number) => number {
  let started = false;
  return (lastMs) => {
    const next = started ? lastMs + blockTimeMs : Math.max(Date.now(), lastMs + blockTimeMs);
    started = true;
    return next;
  };
}

/**
 * Starts the embedded chain. Throws OST_DEVNET_STATE_LOCKED where another process has the folder, and
 * OST_PORT_BUSY where the port is taken.
 */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  await cryptoWaitReady();
  const host = options.host ?? DEFAULT_HOST;
  const gated = options.blockTimeMs === 'gated';
  const blockTimeMs =
    options.blockTimeMs === 'gated' ? (options.nominalBlockTimeMs ?? GATED_BLOCK_TIME_MS) : options.blockTimeMs;
  const store = openStore(options.folder);
  try {
    const declared = createRuntime(declareRuntime(BigInt(Math.max(1, Math.round(blockTimeMs / 2)))));
    const runtime: Runtime = {
      ...declared,
      pulsesDue: (...block) => (faults.beaconStalled ? null : declared.pulsesDue(...block)),
    };
    const faults = new Faults({
      dropSockets: () => server.dropSockets(),
      reorganise: (blocks, transactions) => chain.reorganise(blocks, transactions),
    });
    const settings: ChainSettings = {
      silent: () => faults.stall === 'heads',
      poolLimit: options.poolLimit ?? DEFAULT_POOL_LIMIT,
      finalityLagBlocks: options.finalityLagBlocks ?? DEFAULT_FINALITY_LAG,
      beaconPeriodS: options.beaconPeriodS ?? Math.max(1, Math.round(blockTimeMs / ROUNDS_PER_BLOCK / 1000)),
      nextTimeMs: gated ? blockClock(blockTimeMs) : (lastMs: number) => Math.max(Date.now(), lastMs + 1),
    };
    const chain = new Chain(store, runtime, settings, options);
    const dispatch = createDispatcher({ chain, apis: runtimeApis(runtime), faults });
    const server = await startRpcServer(host, options.port, dispatch, () => faults);
    const clock = gated ? null : setInterval(() => faults.stall !== 'chain' && chain.buildBlock(), blockTimeMs);
    const head = () => ({ number: chain.head.number, hash: chain.head.hash });
    return {
      url: `ws://${host}:${server.port}`,
      port: server.port,
      genesisHash: chain.genesisHash,
      faults,
      head,
      buildBlock: async () => {
        chain.buildBlock();
        return head();
      },
      close: async () => {
        if (clock !== null) clearInterval(clock);
        await server.close();
        store.close();
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}
