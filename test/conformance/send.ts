import { extrinsicHash } from '../../adapters/chain/block.ts';
import { classifyError } from '../../adapters/chain/classify.ts';
import { type SignedExtrinsic, signCall } from '../../adapters/chain/extrinsic.ts';
import { callFunction } from '../../adapters/chain/runtime.ts';
import type { Signer } from '../../adapters/wallet/signer.ts';
import type { BlockRef } from '../../domain/chain.ts';
import { classify } from '../../domain/chain-failure.ts';
import type { Hex } from '../../domain/units.ts';
import type { Ground } from './ground.ts';
import { notProvoked } from './verdict.ts';

export type Method = Parameters<typeof signCall>[2];

/** One call to be sent. */
export interface Attempt {
  readonly signer: Signer;
  readonly method: Method;
}

export type Outcome =
  /** Refused at submission: what the endpoint answered. */
  | { readonly kind: 'pool'; readonly error: unknown }
  /** In a block, failed: the error's name. */
  | { readonly kind: 'dispatch'; readonly name: string; readonly block: BlockRef }
  | { readonly kind: 'included'; readonly block: BlockRef; readonly index: number }
  /** Taken, and then in no block of the next ones. */
  | { readonly kind: 'lost' };

/** Blocks in which a call that was taken has to be; on a live chain others may fill one. */
const patienceBlocks = 6;

export const call = (ground: Ground, pallet: string, name: string, ...args: readonly unknown[]): Method =>
  callFunction(ground.client.runtime, pallet, name)(...args);

export interface Envelope {
  readonly nonce: number;
  readonly birth: BlockRef;
  readonly eraBlocks?: number;
}

export const sign = ({ client }: Ground, { signer, method }: Attempt, envelope: Envelope): SignedExtrinsic =>
  signCall(client.runtime, signer, method, { genesis: client.genesis, eraBlocks: 64, ...envelope });

/** Submits bytes without a watch; rejects with the endpoint's refusal. */
export const submit = (ground: Ground, bytes: Hex): Promise<unknown> =>
  ground.rpc.call('author_submitExtrinsic', bytes);

/** Sends calls in this order, lets blocks come until all that were taken are in one, and says how each ended. */
export async function send(ground: Ground, attempts: readonly Attempt[]): Promise<readonly Outcome[]> {
  const birth = await ground.client.head();
  const nonces = new Map<string, number>();
  const sent: (Hex | { readonly error: unknown })[] = [];
  for (const attempt of attempts) {
    const { hotkey } = attempt.signer;
    const nonce = nonces.get(hotkey) ?? (await ground.client.nextNonce(hotkey));
    const { bytes, hash } = sign(ground, attempt, { nonce, birth });
    try {
      await submit(ground, bytes);
      sent.push(hash);
      nonces.set(hotkey, nonce + 1);
    } catch (error) {
      // A refusal of the pool costs no nonce.
      nonces.set(hotkey, nonce);
      sent.push({ error });
    }
  }
  const found = await locate(
    ground,
    birth,
    sent.filter((each) => typeof each === 'string'),
  );
  return Promise.all(
    sent.map(async (each): Promise<Outcome> => {
      if (typeof each !== 'string') return { kind: 'pool', error: each.error };
      const place = found.get(each);
      if (place === undefined) return { kind: 'lost' };
      const name = await ground.client.dispatchError(place.block.hash, place.index);
      return name === null ? { kind: 'included', ...place } : { kind: 'dispatch', name, block: place.block };
    }),
  );
}

/**
 * Whether a refusal is one of the moment: a rate limit, or something that this hotkey has not got. On a chain that
 * lives by itself that says nothing about the chain; on a staged one nothing of the kind may happen.
 */
function ofTheMoment({ client, staged }: Ground, { kind, ...refused }: Outcome): boolean {
  if (staged !== null) return false;
  const context = {
    call: 'other',
    poolCodes: client.capabilities.poolCodes,
    eraPassed: false,
    allowedAt: null,
  } as const;
  const failure =
    'name' in refused
      ? classify({ kind: 'dispatch', name: refused.name }, context)
      : classifyError('error' in refused ? refused.error : new Error(kind), context);
  return failure.class === 'retry_at' || failure.class === 'wait_state' || failure.code === 'OST_CHAIN_COMMIT_REVEAL';
}

/** Throws for a call that did not succeed; see {@link ofTheMoment}. */
export function ensureIncluded(ground: Ground, name: string, outcome: Outcome): BlockRef {
  if (outcome.kind === 'included') return outcome.block;
  if (ofTheMoment(ground, outcome)) throw notProvoked(`${name}: ${describe(outcome)}`);
  throw new Error(`${name} ended with ${describe(outcome)}`);
}

/** Sends calls that have to succeed, and returns the block of the last one. */
export async function mustSend(ground: Ground, attempts: readonly Attempt[]): Promise<BlockRef> {
  const outcomes = await send(ground, attempts);
  let last: BlockRef | null = null;
  for (const [index, outcome] of outcomes.entries()) {
    const { section, method } = attempts[index]?.method ?? { section: '?', method: '?' };
    last = ensureIncluded(ground, `${section}.${method}`, outcome);
  }
  return last ?? ground.client.head();
}

async function locate(ground: Ground, birth: BlockRef, hashes: readonly Hex[]) {
  const wanted = new Set(hashes);
  const found = new Map<Hex, { readonly block: BlockRef; readonly index: number }>();
  let looked: number = birth.number;
  for (let passed = 0; passed < patienceBlocks && found.size < wanted.size; passed++) {
    await ground.advance();
    const head = await ground.client.head();
    for (; looked < head.number; looked++) {
      const block = await ground.client.block(looked + 1);
      const { extrinsics } = await ground.client.body(block.hash);
      for (const [index, bytes] of extrinsics.entries()) {
        const hash = extrinsicHash(bytes);
        if (wanted.has(hash)) found.set(hash, { block, index });
      }
    }
  }
  return found;
}

/** For messages. */
export function describe(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'pool':
      return `the pool's refusal "${outcome.error instanceof Error ? outcome.error.message : String(outcome.error)}"`;
    case 'dispatch':
      return outcome.name;
    case 'included':
      return 'success';
    case 'lost':
      return 'nothing: no block holds it';
  }
}
