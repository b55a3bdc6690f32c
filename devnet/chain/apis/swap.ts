import { subnet } from '../declaration/pallets/subtensor-subnet.ts';
import type { RuntimeDeclaration } from '../declaration/runtime.ts';
import { alphaFor, isStable, taoFor } from '../runtime/staking/pool.ts';
import type { StateReader } from '../state/state.ts';
import type { Register } from './register.ts';
import { netuidsOf } from './subnets.ts';

const RAO_PER_TAO = 1_000_000_000n;
/** What it costs to register a first subnet. */
const NETWORK_LOCK_COST = 1_000n * RAO_PER_TAO;

export function answerSwap(methods: RuntimeDeclaration['methods'], answer: Register): void {
  answer(methods.registrationCost, () => NETWORK_LOCK_COST);
  answer(methods.alphaPrice, ({ netuid }, state) => alphaPrice(state, netuid));
  answer(methods.alphaPrices, (_, state) =>
    netuidsOf(state)
      .filter((netuid) => state.get(subnet.networksAdded, netuid))
      .map((netuid) => ({ netuid, price: alphaPrice(state, netuid) })),
  );
  answer(methods.buyAlpha, ({ netuid, tao }, state) => swapped(tao, alphaFor(state, netuid, tao)));
  answer(methods.sellAlpha, ({ netuid, alpha }, state) => swapped(taoFor(state, netuid, alpha), alpha));
}

/** Rao for one alpha: what the pool's two sides say. 0 where the pool is empty. */
function alphaPrice(state: StateReader, netuid: number): bigint {
  if (isStable(state, netuid)) return RAO_PER_TAO;
  const alpha = state.get(subnet.subnetAlphaIn, netuid);
  return alpha === 0n ? 0n : (state.get(subnet.subnetTAO, netuid) * RAO_PER_TAO) / alpha;
}

/** The pool takes no fee. */
const swapped = (tao: bigint, alpha: bigint) => ({
  tao_amount: tao,
  alpha_amount: alpha,
  tao_fee: 0n,
  alpha_fee: 0n,
  tao_slippage: 0n,
  alpha_slippage: 0n,
});
