import { decodeExtrinsic, extrinsicHash } from '../../adapters/chain/block.ts';
import type { ChainClient } from '../../adapters/chain/client.ts';
import type { BlockRef, SubnetSnapshot } from '../../domain/chain.ts';
import type { ChainCall } from '../../domain/chain-write.ts';
import { type ForeignWrite, type Place, placeName } from '../../domain/foreign-write.ts';
import { type Blocks, blocks, type Hex, type Hotkey } from '../../domain/units.ts';

/** A place with the block of its newest change. */
export interface Changed {
  readonly place: Place;
  readonly block: Blocks;
  /** Of weights: the registration, which counts as an update, and is nobody's write. */
  readonly registeredAt: Blocks;
}

interface Asked {
  readonly hotkey: Hotkey;
  readonly mecid: number;
  readonly snapshot: SubnetSnapshot;
}

/** Where a subnet shows writes of a hotkey; of weights, those of mechanism 0 and of one more. */
export async function changesOf(
  client: ChainClient,
  { hotkey, mecid: asked, snapshot }: Asked,
): Promise<readonly Changed[]> {
  const { netuid, block } = snapshot;
  const place: Place = { what: 'commitment', netuid, hotkey };
  const commitment = { place, registeredAt: blocks(0) };
  const changes: Changed[] = [{ ...commitment, block: await changedAt(client, commitment, block.hash) }];
  const neuron = snapshot.neurons.find((entry) => entry.hotkey === hotkey);
  if (neuron === undefined) return changes;
  const { uid, lastUpdate, registeredAt } = neuron;
  for (const mecid of new Set([0, asked])) {
    const weights = { place: { what: 'weights', netuid, mecid, hotkey, uid }, registeredAt } as const;
    const at = mecid === 0 ? written(lastUpdate, registeredAt) : await changedAt(client, weights, block.hash);
    changes.push({ ...weights, block: at });
  }
  return changes;
}

/** The block of a place's newest change, as a block's state shows it; 0 for none. */
export async function changedAt(
  client: ChainClient,
  { place, registeredAt }: Pick<Changed, 'place' | 'registeredAt'>,
  at: Hex,
): Promise<Blocks> {
  const { netuid, hotkey } = place;
  if (place.what === 'commitment') return (await client.commitment(netuid, hotkey, at))?.block ?? blocks(0);
  return written(await client.lastUpdate(netuid, place.uid, place.mecid, at), registeredAt);
}

const written = (lastUpdate: Blocks, registeredAt: Blocks): Blocks =>
  lastUpdate > registeredAt ? lastUpdate : blocks(0);

/** A change by somebody else, and the extrinsic that made it beside one of ours. */
export const changeIn = (place: Place, block: Blocks, hash: Hex | null): Omit<ForeignWrite, 'head'> => ({
  what: place.what,
  block,
  hash,
  detail: `${placeName(place)} of ${place.hotkey} changed in block ${block}${hash === null ? '' : ` by ${hash}, too`}`,
});

/**
 * What somebody else wrote to the place of one of our writes, in the very block that holds ours: the later of the two
 * counts. Only what our key did not sign: that moves the nonce, and is told by it.
 */
export async function strangerBeside(
  client: ChainClient,
  { hotkey, call }: { readonly hotkey: Hotkey; readonly call: ChainCall },
  { block, index }: { readonly block: BlockRef; readonly index: number },
): Promise<ForeignWrite | null> {
  const place = await placeOfCall(client, hotkey, call, block.hash);
  if (place === null) return null;
  const others = (await client.writesTo(place, block.hash)).filter((other) => other !== index);
  if (others.length === 0) return null;
  const { extrinsics } = await client.body(block.hash);
  for (const other of others) {
    const bytes = extrinsics[other];
    if (bytes === undefined) continue;
    const { isSigned, signer } = decodeExtrinsic(client.runtime, bytes);
    if (isSigned && signer.toString() === hotkey) continue;
    return { ...changeIn(place, block.number, extrinsicHash(bytes)), head: block.number };
  }
  return null;
}

async function placeOfCall(client: ChainClient, hotkey: Hotkey, call: ChainCall, at: Hex): Promise<Place | null> {
  const { netuid, kind } = call;
  if (kind === 'serve_axon') return null;
  if (kind === 'set_commitment') return { what: 'commitment', netuid, hotkey };
  const uid = await client.registration(netuid, hotkey, at);
  return uid === null ? null : { what: 'weights', netuid, mecid: call.mecid, hotkey, uid };
}
