import { type ChainClient, publicKeyOf } from '../../adapters/chain/client.ts';
import { signExtrinsic } from '../../adapters/chain/extrinsic.ts';
import { lazyTimelock } from '../../adapters/chain/timelock.ts';
import type { Signer } from '../../adapters/wallet/signer.ts';
import { chainLabel } from '../../domain/chain-label.ts';
import type { ChainCall } from '../../domain/chain-write.ts';
import { fail } from '../../domain/errors/error.ts';
import { type PeerStatement, peerMessageBytes, statementProblem } from '../../domain/peers/message.ts';
import type { PeriodKind } from '../../domain/protection.ts';
import { isDigest } from '../../domain/read-value.ts';
import {
  commitMessage,
  downloadMessage,
  encodeSignature,
  isModelHash,
  uploadMessage,
} from '../../domain/signed-message.ts';
import { eraFor, eraWithin, openEndedBlocks, type SignedWrite } from '../../domain/signed-write.ts';
import type { Blocks, Hex, Hotkey, Netuid } from '../../domain/units.ts';
import type { WeightsRoad } from '../../domain/weights-road.ts';
import { type Resolved, resolveUids, type Wanted, weightsOnRoad } from './resolve.ts';

export interface PrepareInput {
  /** The chain's label: a signing worker of another chain refuses. */
  readonly chain: string;
  readonly hotkey: Hotkey;
  /** The write's idempotency key. */
  readonly key: string;
  readonly call: ChainCall;
  readonly deadline: Blocks | null;
  /** Of a weight vector, as the guard decided; plain where left out. */
  readonly road?: WeightsRoad;
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
    }
  /** What a validator says to its peers; signed only in its own name and for the chain that the worker is on. */
  | { readonly purpose: 'peer'; readonly statement: PeerStatement };

export interface SignerActivities {
  /** Makes and signs an extrinsic, and keeps nothing of it: the caller's history is what remembers the bytes. */
  prepareExtrinsic(input: PrepareInput): Promise<SignedWrite>;
  /** An sr25519 signature as base64url without padding. Signatures are randomised: sign once, keep it. */
  signMessage(input: SignMessageInput): Promise<{ readonly signature: string }>;
  /** The same for several messages, in their order: one step for all peers. */
  signMessages(input: { readonly messages: readonly SignMessageInput[] }): Promise<{
    readonly signatures: readonly string[];
  }>;
}

export interface SignerDependencies {
  readonly signer: Signer;
  readonly chain: Pick<
    ChainClient,
    | 'genesis'
    | 'runtime'
    | 'snapshot'
    | 'head'
    | 'finalizedHead'
    | 'nextNonce'
    | 'account'
    | 'endpoint'
    | 'commitReveal'
    | 'timelockTerms'
    | 'blockTimeMs'
  >;
  /** The ledger's record of signed vectors (adapters/ledger/protection.ts). */
  readonly protection: {
    claim(vector: {
      readonly genesis: Hex;
      readonly netuid: Netuid;
      readonly mecid: number;
      readonly hotkey: Hotkey;
      readonly kind: PeriodKind;
      readonly period: Blocks;
      readonly uids: readonly number[];
      readonly values: readonly number[];
    }): Promise<'new' | 'same'>;
  };
  /** The mode of a deployment that signs nothing for the chain: whatever asks, there are no bytes. */
  readonly withheld?: 'watch' | 'dry-run' | null;
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
  const { signer, chain, protection, prepared, withheld } = dependencies;
  const timelock = lazyTimelock();
  const sign = (input: SignMessageInput): string => {
    if (input.purpose === 'peer') checkStatement(input.statement, signer.hotkey, chain.genesis);
    return encodeSignature(signer.sign(messageOf(input)));
  };
  return {
    async prepareExtrinsic({ chain: label, hotkey, key, call, deadline, road = 'plain' }) {
      if (withheld != null) throw fail('OST_SIGNER_WITHHELD', { mode: withheld, key });
      if (hotkey !== signer.hotkey) throw fail('OST_WALLET_WRONG_HOTKEY', { held: signer.hotkey, asked: hotkey });
      const { genesis } = chain;
      if (chainLabel(genesis) !== label) {
        throw fail('OST_CHAIN_WRONG_GENESIS', { endpoint: chain.endpoint, expected: label, found: genesis });
      }
      const [head, finalized] = await Promise.all([chain.head(), chain.finalizedHead()]);
      const birth = head.number - finalized.number > longestLag ? head : finalized;
      const vector =
        call.kind === 'set_weights'
          ? resolveUids(call, await chain.snapshot(call.netuid, head.hash))
          : call.kind === 'reveal_weights'
            ? { uids: call.uids, values: call.values, dropped: [] }
            : null;
      if (call.kind === 'set_weights' || call.kind === 'reveal_weights') {
        const { netuid, mecid, period, resend } = call;
        const kind = resend === true ? 'resend' : 'cycle';
        const { uids, values } = vector ?? noVector;
        // On disk before the signature exists: a crash between the two costs a period, never a second vector.
        await protection.claim({ genesis, netuid, mecid, hotkey, kind, period, uids, values });
      }
      const wanted: Wanted =
        call.kind === 'set_weights'
          ? await weightsOnRoad(chain, timelock, call, vector ?? noVector, { road, hotkey, head })
          : { call };
      // The pool's view may lag behind a block that was just built; the account's own count never goes back.
      const [pool, account] = await Promise.all([chain.nextNonce(hotkey), chain.account(hotkey, head.hash)]);
      const nonce = Math.max(pool, account.nonce);
      const left = (deadline ?? birth.number + openEndedBlocks - 1) - birth.number + 1;
      const longest = wanted.before === undefined ? left : Math.min(left, wanted.before - birth.number);
      const eraBlocks = longest < left ? eraWithin(longest) : eraFor(left);
      const { bytes, hash } = signExtrinsic(chain.runtime, signer, wanted.call, { genesis, nonce, birth, eraBlocks });
      await prepared?.record({ hash, key, nonce, eraBirth: birth.number, eraPeriod: eraBlocks, bytesHex: bytes });
      const { uids, values, dropped } = vector ?? noVector;
      const signed = { bytes, hash, nonce, birth, eraBlocks, uids, values, dropped };
      return wanted.commit === undefined ? signed : { ...signed, commit: wanted.commit };
    },

    async signMessage(input) {
      return { signature: sign(input) };
    },

    async signMessages({ messages }) {
      return { signatures: messages.map(sign) };
    },
  };
}

const noVector: Resolved = { uids: [], values: [], dropped: [] };

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
    case 'peer':
      return peerMessageBytes(input.statement);
    default:
      throw refuse('unknown purpose');
  }
}

/** @throws OST_SIGN_REFUSED for anything but a well-formed statement of this hotkey on this chain */
function checkStatement(statement: PeerStatement, own: Hotkey, genesis: Hex): void {
  const problem =
    statementProblem({ ...statement }) ??
    (isDigest(statement.bodyDigest) ? null : 'its body has no digest') ??
    (statement.from === own ? null : 'it is in the name of another hotkey') ??
    (statement.genesis === genesis ? null : 'it is for another chain');
  if (problem !== null) throw fail('OST_SIGN_REFUSED', { purpose: 'peer', reason: problem });
}

function keyOf(hotkey: Hotkey, refuse: (reason: string) => Error): Uint8Array {
  try {
    return publicKeyOf(hotkey);
  } catch {
    throw refuse('the target is no address');
  }
}
