import { SPEC_NAME } from '../../declaration/version.ts';
import { feeOf, totalFee } from '../../runtime/fees.ts';
import { submissionFailure } from '../failure.ts';
import type { Method, Methods, Services } from '../method.ts';

const CHAIN_NAME = 'Ostinato devnet';

export function systemMethods({ chain }: Services): Methods {
  const nextIndex: Method = (params) => chain.pool.nextNonce(params.account(0), chain.headState);
  return {
    system_chain: () => CHAIN_NAME,
    system_chainType: () => 'Local',
    system_name: () => SPEC_NAME,
    system_version: () => '4.0.0-dev-ostinato',
    system_properties: () => ({ ss58Format: 42, tokenDecimals: 9, tokenSymbol: 'TAO' }),
    system_health: () => ({ peers: 0, isSyncing: false, shouldHavePeers: false }),
    system_syncState: () => ({
      startingBlock: 0,
      currentBlock: chain.head.number,
      highestBlock: chain.head.number,
    }),
    system_nodeRoles: () => ['Authority'],
    system_peers: () => [],
    system_accountNextIndex: nextIndex,
    account_nextIndex: nextIndex,
    payment_queryInfo: (params) => {
      try {
        const { bound, encoded } = chain.runtime.decode(params.bytes(0));
        const fee = bound.paysFee ? totalFee(feeOf(bound.refTime, encoded.length)) : 0n;
        return {
          weight: { ref_time: Number(bound.refTime), proof_size: 0 },
          class: 'normal',
          partialFee: fee.toString(),
        };
      } catch (error) {
        throw submissionFailure(error);
      }
    },
  };
}
