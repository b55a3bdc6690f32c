import { directoryOf, type PeerDirectory } from '../../domain/peers/directory.ts';
import type { Blocks, Hotkey, Netuid } from '../../domain/units.ts';
import type { ChainClient } from '../chain/client.ts';

/**
 * The validators of a subnet at one block, from one snapshot: whoever reads it at that block, now or hours later, gets
 * the same. @throws OST_CHAIN_STATE_PRUNED where no node has that block's state any more
 */
export async function readDirectory(
  chain: Pick<ChainClient, 'snapshot' | 'blockHash'>,
  netuid: Netuid,
  own: Hotkey,
  block: Blocks,
): Promise<PeerDirectory> {
  return directoryOf(await chain.snapshot(netuid, await chain.blockHash(block)), own);
}
