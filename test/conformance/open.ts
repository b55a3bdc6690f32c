import { connectChain } from '../../adapters/chain/client.ts';
import { type KeySource, loadSigner } from '../../adapters/wallet/load.ts';
import type { Signer } from '../../adapters/wallet/signer.ts';
import { netuid } from '../../domain/units.ts';
import { accounts, type Ground, type Staged } from './ground.ts';
import { openRpc } from './rpc.ts';

export interface EndpointOptions {
  readonly url: string;
  /** Where blocks are read that the endpoint has pruned; null for nowhere. */
  readonly archive: string | null;
  readonly netuid: number;
  /** The validator that writes; null to read only. */
  readonly wallet: KeySource | null;
}

/** How long a block of a live chain is waited for. */
const blockMs = 120_000;

/** The suite on a chain that lives by itself. */
export async function openEndpoint(options: EndpointOptions): Promise<Ground> {
  const { url, archive } = options;
  const archives = archive === null ? {} : { archiveEndpoints: [archive] };
  const client = await connectChain({ endpoints: [url], ...archives, timeoutMs: 60_000 });
  const rpc = await openRpc(url);
  return {
    url,
    client,
    rpc,
    netuid: netuid(options.netuid),
    advance: async () => {
      const { number } = await client.head();
      await client.waitForBlock(number + 1, AbortSignal.timeout(blockMs));
    },
    writer: options.wallet === null ? null : { validator: await loadSigner(options.wallet) },
    staged: null,
    close: async () => {
      rpc.close();
      await client.close();
    },
  };
}

const signerOf = (uri: string): Promise<Signer> => loadSigner({ kind: 'uri', uri });

/** The keys of a staged chain. */
export async function stagedKeys(): Promise<
  Omit<Staged, 'set'> & { readonly validator: Signer; readonly root: Signer }
> {
  return {
    validator: await signerOf(accounts.validator),
    miner: await signerOf(accounts.miner),
    second: await signerOf(accounts.second),
    stranger: await signerOf(accounts.stranger),
    coldkey: await signerOf(accounts.coldkey),
    other: await signerOf(accounts.other),
    poor: await signerOf(accounts.poor),
    root: await signerOf(accounts.root),
  };
}
