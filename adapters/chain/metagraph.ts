import type { Codec } from '@polkadot/types/types';
import type { Axon, BlockRef, Neuron, SubnetSnapshot } from '../../domain/chain.ts';
import { fail } from '../../domain/errors/error.ts';
import { blocks, type Hex, type Netuid, uid } from '../../domain/units.ts';
import { accountOf, bigintOf, blockOf, booleanOf, field, listOf, numberOf, optionOf } from './decode.ts';
import { ipOf } from './ip.ts';
import type { Runtime } from './runtime.ts';
import { type RuntimeCall, runtimeCall } from './runtime-call.ts';

/**
 * The fields that a snapshot needs, by the numbers of the runtime's selective metagraph: owner hotkey, block, tempo,
 * least weights, weights version, weights rate limit, largest uid count, commit-reveal, hotkeys, coldkeys, axons,
 * active, permits, last updates, registration blocks, total stakes. Half the bytes of the whole metagraph.
 */
const indexes = [5, 7, 8, 24, 26, 27, 31, 46, 52, 53, 55, 56, 57, 59, 66, 69];

const api = 'SubnetInfoRuntimeApi';

/** The runtime call that gives a subnet at one block in one answer; null where this runtime has none. */
export function metagraphCall(runtime: Runtime, netuid: Netuid): RuntimeCall | null {
  const method = [`${api}_get_selective_metagraph`, `${api}_get_metagraph`].find((name) => runtime.methods.has(name));
  return method === undefined ? null : runtimeCall(runtime, method, [netuid, indexes]);
}

/** Reads the decoded answer of {@link metagraphCall}. */
export function readMetagraph(answer: Codec, at: Hex, netuid: Netuid): SubnetSnapshot {
  const graph = optionOf(answer, 'metagraph');
  if (graph === null) throw fail('OST_CHAIN_SUBNET_MISSING', { netuid });
  const block: BlockRef = { number: blockOf(field(graph, 'block'), 'block'), hash: at };
  const column = (name: string) => listOf(field(graph, name), name);
  const columns = {
    hotkeys: column('hotkeys'),
    coldkeys: column('coldkeys'),
    axons: column('axons'),
    active: column('active'),
    permits: column('validatorPermit'),
    lastUpdate: column('lastUpdate'),
    registered: column('blockAtRegistration'),
    stake: column('totalStake'),
  };
  const neurons = columns.hotkeys.map((account, index): Neuron => {
    // Columns may be shorter than the list of hotkeys: the chain pads them only at their next write.
    const { coldkeys, axons, active, permits, lastUpdate, registered, stake } = columns;
    return {
      uid: uid(index),
      hotkey: accountOf(account, 'hotkeys'),
      coldkey: accountOf(coldkeys[index] ?? account, 'coldkeys'),
      axon: axons[index] === undefined ? null : axonOf(axons[index]),
      active: active[index] !== undefined && booleanOf(active[index], 'active'),
      validatorPermit: permits[index] !== undefined && booleanOf(permits[index], 'validatorPermit'),
      lastUpdate: lastUpdate[index] === undefined ? blocks(0) : blockOf(lastUpdate[index], 'lastUpdate'),
      registeredAt: registered[index] === undefined ? blocks(0) : blockOf(registered[index], 'blockAtRegistration'),
      totalStakeRao: stake[index] === undefined ? '0' : bigintOf(stake[index], 'totalStake').toString(),
    };
  });
  return {
    block,
    netuid,
    ownerHotkey: accountOf(field(graph, 'ownerHotkey'), 'ownerHotkey'),
    tempo: blockOf(field(graph, 'tempo'), 'tempo'),
    weightsRateLimit: blockOf(field(graph, 'weightsRateLimit'), 'weightsRateLimit'),
    minAllowedWeights: numberOf(field(graph, 'minAllowedWeights'), 'minAllowedWeights'),
    weightsVersion: bigintOf(field(graph, 'weightsVersion'), 'weightsVersion').toString(),
    commitRevealEnabled: booleanOf(field(graph, 'commitRevealWeightsEnabled'), 'commitRevealWeightsEnabled'),
    maxUids: numberOf(field(graph, 'maxUids'), 'maxUids'),
    neurons,
  };
}

/** A served address, or null for one that was never served (all zeros). */
export function axonOf(axon: Codec): Axon | null {
  const port = numberOf(field(axon, 'port'), 'port');
  const ip = bigintOf(field(axon, 'ip'), 'ip');
  if (port === 0 || ip === 0n) return null;
  return {
    ip: ipOf(ip, numberOf(field(axon, 'ipType'), 'ipType')),
    port,
    protocol: numberOf(field(axon, 'protocol'), 'protocol'),
    version: numberOf(field(axon, 'version'), 'version'),
    block: blockOf(field(axon, 'block'), 'block'),
  };
}
