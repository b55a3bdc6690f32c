import { u8aToHex } from '@polkadot/util';
import type { Hex } from '../../../../domain/units.ts';
import type { Block, Chain } from '../../node/chain.ts';
import { encode } from '../../scale/codec.ts';
import { DigestItem } from '../../scale/known.ts';
import { type Method, type Methods, type Services, unsubscribe } from '../method.ts';
import type { Params } from '../params.ts';

const headerJson = ({ header }: Block) => ({
  parentHash: header.parentHash,
  number: `0x${header.number.toString(16)}`,
  stateRoot: header.stateRoot,
  extrinsicsRoot: header.extrinsicsRoot,
  digest: { logs: header.digest.logs.map((log) => u8aToHex(encode(DigestItem, log))) },
});

const hashAt = (chain: Chain, number: number): Hex | null =>
  number === chain.head.number ? chain.head.hash : chain.store.hashOf(number);

export function chainMethods({ chain }: Services): Methods {
  const finalized = (): Block => {
    const hash = hashAt(chain, chain.finalizedNumber);
    return (hash === null ? null : chain.block(hash)) ?? chain.head;
  };
  const named = (params: Params): Block | null => {
    const hash = params.optionalHex(0);
    return hash === null ? chain.head : chain.block(hash);
  };
  const header: Method = (params) => {
    const block = named(params);
    return block === null ? null : headerJson(block);
  };
  const block: Method = (params) => {
    const found = named(params);
    if (found === null) return null;
    const extrinsics = found.extrinsics.map((encoded) => u8aToHex(encoded));
    return { block: { header: headerJson(found), extrinsics }, justifications: null };
  };
  const blockHash: Method = (params) => {
    const numbers = params.numbers(0);
    if (numbers === null) return chain.head.hash;
    const hashes = numbers.list.map((number) => hashAt(chain, number));
    return numbers.one ? (hashes[0] ?? null) : hashes;
  };
  const newHeads =
    (notice: string): Method =>
    (_, client) =>
      client.subscribe(notice, (push) => {
        push(headerJson(chain.head));
        return chain.subscribe({ head: (each) => push(headerJson(each)) });
      });
  const finalizedHeads: Method = (_, client) =>
    client.subscribe('chain_finalizedHead', (push) => {
      push(headerJson(finalized()));
      return chain.subscribe({ finalized: (each) => push(headerJson(each)) });
    });
  const finalizedHead: Method = () => finalized().hash;

  return {
    chain_getHeader: header,
    chain_getBlock: block,
    chain_getBlockHash: blockHash,
    chain_getHead: blockHash,
    chain_getFinalizedHead: finalizedHead,
    chain_getFinalisedHead: finalizedHead,
    chain_subscribeNewHeads: newHeads('chain_newHead'),
    chain_subscribeNewHead: newHeads('chain_newHead'),
    subscribe_newHead: newHeads('chain_newHead'),
    chain_unsubscribeNewHeads: unsubscribe,
    chain_unsubscribeNewHead: unsubscribe,
    unsubscribe_newHead: unsubscribe,
    chain_subscribeAllHeads: newHeads('chain_allHead'),
    chain_unsubscribeAllHeads: unsubscribe,
    chain_subscribeFinalizedHeads: finalizedHeads,
    chain_subscribeFinalisedHeads: finalizedHeads,
    chain_unsubscribeFinalizedHeads: unsubscribe,
    chain_unsubscribeFinalisedHeads: unsubscribe,
  };
}
