import type { ResolvedCall } from '../../adapters/chain/calls.ts';
import { type ChainClient, publicKeyOf } from '../../adapters/chain/client.ts';
import { signExtrinsic } from '../../adapters/chain/extrinsic.ts';
import type { Signer } from '../../adapters/wallet/signer.ts';
import type { SubnetSnapshot } from '../../domain/chain.ts';
import { chainLabel } from '../../domain/chain-label.ts';
import type { ChainCall } from '../../domain/chain-write.ts';
import { fail } from '../../domain/errors/error.ts';
import {
  commitMessage,
  downloadMessage,
  encodeSignature,
  isModelHash,
  uploadMessage,
} from '../../domain/signed-message.ts';
import { eraFor, maxUpscale, openEndedBlocks, type SignedWrite } from '../../domain/signed-write.ts';
import type { Blocks, Hex, Hotkey, Netuid } from '../../domain/units.ts';

export interface PrepareInput {
  /** The chain's label: a signing worker of another chain refuses. */
  readonly chain: string;
  readonly hotkey: Hotkey;
  /** The write's idempotency key. */
  readonly key: string;
  readonly call: ChainCall;
  readonly deadline: Blocks | null;
}

/**
 * What may be signed besides extrinsics. The worker builds the message itself from these, so that nobody can have it
 * sign an extrinsic's payload under another name.
 */
export type SignMessageInput =
  | { readonly purpose: 'commit_hash'; readonly modelHash: string }
  | { readonly purpose: 'download'; readonly targetHotkey: Hotkey; readonly block: Blocks }
  | {
      readonly purpose: 'upload';
      readonly modelHash: string;
      readonly targetHotkey: Hotkey;
      readonly block: Blocks;
    };

export interface SignerActivities {
  /** Makes and signs an extrinsic, and keeps nothing of it: the caller's history is what remembers the bytes. */
  prepareExtrinsic(input: PrepareInput): Promise<SignedWrite>;
  /** An sr25519 signature as base64url without padding. Signatures are randomised: sign once, keep it. */
  signMessage(input: SignMessageInput): Promise<{ readonly signature: string }>;
}

export interface SignerDependencies {
  readonly signer: Signer;
  readonly chain: Pick<
    ChainClient,
    'genesis' | 'runtime' | 'snapshot' | 'head' | 'finalizedHead' | 'nextNonce' | 'account' | 'endpoint'
  >;
  /** The ledger's record of signed vectors (adapters/ledger/protection.ts). */
  readonly protection: {
    claim(vector: {
      readonly genesis: Hex;
      readonly netuid: Netuid;
      readonly mecid: number;
      readonly hotkey: Hotkey;
      readonly period: Blocks;
      readonly uids: readonly number[];
      readonly values: readonly number[];
    }): Promise<'new' | 'same'>;
  };
  /** The ledger's record of signed extrinsics, for audits. */
  readonly prepared?: {
    record(row: {
      readonly hash: Hex;
      readonly key: string;
      readonly nonce: number;
      readonly eraBirth: Blocks;
      readonly eraPeriod: number;
      readonly bytesHex: Hex;
    }): Promise<void>;
  };
}

/** Beyond this lag of finality the era begins at the head, or it would be over before it is of use. */
const longestLag = 5;

/** The activities of the signing worker, the only process with a key. */
export function createSignerActivities(dependencies: SignerDependencies): SignerActivities {
  const { signer, chain, protection, prepared } = dependencies;
  return {
    async prepareExtrinsic({ chain: label, hotkey, key, call, deadline }) {
      if (hotkey !== signer.hotkey) throw fail('OST_WALLET_WRONG_HOTKEY', { held: signer.hotkey, asked: hotkey });
      const { genesis } = chain;
      if (chainLabel(genesis) !== label) {
        throw fail('OST_CHAIN_WRONG_GENESIS', { endpoint: chain.endpoint, expected: label, found: genesis });
      }
      const [head, finalized] = await Promise.all([chain.head(), chain.finalizedHead()]);
      const birth = head.number - finalized.number > longestLag ? head : finalized;
      const left = deadline === null ? openEndedBlocks : deadline - birth.number + 1;
      const resolved = call.kind === 'set_weights' ? resolve(call, await chain.snapshot(call.netuid, head.hash)) : null;
      const { uids, values, dropped } = resolved ?? { uids: [], values: [], dropped: [] };
      if (call.kind === 'set_weights') {
        const { netuid, mecid, period } = call;
        // On disk before the signature exists: a crash between the two costs a period, never a second vector.
        await protection.claim({ genesis, netuid, mecid, hotkey, period, uids, values });
      }
      const wanted: ResolvedCall =
        call.kind === 'set_weights'
          ? { kind: call.kind, netuid: call.netuid, mecid: call.mecid, uids, values, versionKey: call.versionKey }
          : call;
      // The pool's view may lag behind a block that was just built; the account's own count never goes back.
      const [pool, account] = await Promise.all([chain.nextNonce(hotkey), chain.account(hotkey, head.hash)]);
      const nonce = Math.max(pool, account.nonce);
      const eraBlocks = eraFor(left);
      const { bytes, hash } = signExtrinsic(chain.runtime, signer, wanted, { genesis, nonce, birth, eraBlocks });
      await prepared?.record({ hash, key, nonce, eraBirth: birth.number, eraPeriod: eraBlocks, bytesHex: bytes });
      return { bytes, hash, nonce, birth, eraBlocks, uids, values, dropped };
    },

    async signMessage(input) {
      return { signature: encodeSignature(signer.sign(messageOf(input))) };
    },
  };
}

type Resolved = Pick<SignedWrite, 'uids' | 'values' | 'dropped'>;

/** Uids by hotkey at this block, ascending; hotkeys that left are dropped and the rest is scaled up again. */
function resolve(call: Extract<ChainCall, { kind: 'set_weights' }>, snapshot: SubnetSnapshot): Resolved {
  const uidOf = new Map(snapshot.neurons.map(({ hotkey, uid }) => [hotkey, uid]));
  const known = call.weights.flatMap(({ hotkey, weight }) => {
    const uid = uidOf.get(hotkey);
    return uid === undefined ? [] : [{ uid, weight }];
  });
  if (known.length === 0) throw fail('OST_CHAIN_NO_WEIGHTS_LEFT', { netuid: call.netuid });
  const sorted = known.toSorted((a, b) => a.uid - b.uid);
  return {
    uids: sorted.map(({ uid }) => uid),
    values: maxUpscale(sorted.map(({ weight }) => weight)),
    dropped: call.weights.map(({ hotkey }) => hotkey).filter((hotkey) => !uidOf.has(hotkey)),
  };
}

function messageOf(input: SignMessageInput): Uint8Array {
  const refuse = (reason: string) => fail('OST_SIGN_REFUSED', { purpose: String(input.purpose), reason });
  if ('modelHash' in input && !isModelHash(input.modelHash)) throw refuse('the hash is not 48 lower-case hex digits');
  if ('block' in input && !(Number.isSafeInteger(input.block) && input.block >= 0)) throw refuse('no block number');
  switch (input.purpose) {
    case 'commit_hash':
      return commitMessage(input.modelHash);
    case 'download':
      return downloadMessage(keyOf(input.targetHotkey, refuse), input.block);
    case 'upload':
      return uploadMessage(input.modelHash, keyOf(input.targetHotkey, refuse), input.block);
    default:
      throw refuse('unknown purpose');
  }
}

function keyOf(hotkey: Hotkey, refuse: (reason: string) => Error): Uint8Array {
  try {
    return publicKeyOf(hotkey);
  } catch {
    throw refuse('the target is no address');
  }
}
