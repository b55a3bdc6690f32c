import { cancellationSignal } from '@temporalio/activity';
import { classifyError } from '../../adapters/chain/classify.ts';
import type { ChainClient } from '../../adapters/chain/client.ts';
import type { BlockRef, ChainCommitment, SubnetSnapshot } from '../../domain/chain.ts';
import { classify } from '../../domain/chain-failure.ts';
import { isOstinatoError, messageOf } from '../../domain/errors/error.ts';
import { type Outcome, ok, unknownOutcome } from '../../domain/outcome.ts';
import {
  type Confirmation,
  type Finality,
  type GuardVerdict,
  lastBlockOf,
  type RevealSight,
  type Submission,
} from '../../domain/signed-write.ts';
import type { Blocks, Hex, Netuid } from '../../domain/units.ts';
import { beating } from '../beating.ts';
import { allowedBlock, contextOf, deathOf, judge, locate, type WriteInProgress } from './confirm.ts';
import { type Around, type AroundInput, lookAround } from './foreign.ts';
import { type GuardInput, guardWrite } from './guard.ts';
import { type CommittedWeights, watchReveal } from './watch-reveal.ts';

export interface ChainActivities {
  readHead(): Promise<{ readonly head: BlockRef; readonly finalized: BlockRef; readonly blockTimeMs: number }>;
  /** A subnet at one block: the head, or the block with hash `at`. */
  readSnapshot(input: { readonly netuid: Netuid; readonly at?: BlockRef['hash'] }): Promise<SubnetSnapshot>;
  /** Commitments of a block of the past; `unknown` where neither endpoint nor archive has its state any more. */
  readCommitments(input: {
    readonly netuid: Netuid;
    readonly block: Blocks;
  }): Promise<Outcome<readonly ChainCommitment[], 'state_pruned'>>;
  /** What the chain would say to a call, before anything is signed. */
  guardWrite(input: GuardInput): Promise<GuardVerdict>;
  /** What others wrote with the hotkey's key, while nothing is asked of the writer. */
  lookAround(input: AroundInput): Promise<Around>;
  /** Sends signed bytes; the same bytes may be sent any number of times. */
  submitExtrinsic(input: WriteInProgress): Promise<Submission>;
  /** Looks for the extrinsic in the chain, for a while where it is not there yet. */
  confirmExtrinsic(input: WriteInProgress & { readonly until: Blocks | null }): Promise<Confirmation>;
  /** Waits until committed weights can be opened, were opened, or are lost; null where the wait was broken off. */
  watchReveal(input: CommittedWeights): Promise<RevealSight | null>;
  /** Waits until the block of an included extrinsic is final, or another took its place. */
  confirmFinality(input: WriteInProgress & { readonly block: BlockRef }): Promise<Finality>;
}

/** How long a watch is followed at most; its end is always looked up in the chain. */
const watchMs = 40_000;
/** How long one look for an extrinsic may take: well within the bound of `presets.chainWrite`. */
const confirmMs = 60_000;
/** Blocks without it after which the same bytes are sent again. */
const patienceBlocks = 3;

/** Activities of the `chain` queue: they hold no key and depend on no hotkey. */
export function createChainActivities({ chain }: { readonly chain: ChainClient }): ChainActivities {
  return {
    async readHead() {
      const [head, finalized, blockTimeMs] = await Promise.all([
        chain.head(),
        chain.finalizedHead(),
        chain.blockTimeMs(),
      ]);
      return { head, finalized, blockTimeMs };
    },

    readSnapshot: ({ netuid, at }) => chain.snapshot(netuid, at),

    async readCommitments({ netuid, block }) {
      try {
        return ok(await chain.commitments(netuid, block));
      } catch (error) {
        if (isOstinatoError(error, 'OST_CHAIN_STATE_PRUNED')) return unknownOutcome('state_pruned', messageOf(error));
        throw error;
      }
    },

    guardWrite: (input) => guardWrite(chain, input),

    lookAround: (input) => lookAround(chain, input),

    submitExtrinsic: (input) =>
      beating(async () => {
        const { call, hotkey, signed } = input;
        try {
          const status = await watched(signed.bytes);
          if (status.kind === 'in_block') return { kind: 'in_block', block: status.block };
          if (status.kind !== 'ended') {
            return { kind: 'sent', detail: status.kind === 'pool' ? status.status : status.detail };
          }
          const context = contextOf(chain, call, { eraPassed: await eraPassed(chain, input), allowedAt: null });
          return { kind: 'failed', failure: classify({ kind: 'status', status: status.status }, context) };
        } catch (error) {
          cancellationSignal().throwIfAborted();
          const allowedAt = await allowedBlock(chain, { call, hotkey }).catch(() => null);
          const context = contextOf(chain, call, { eraPassed: await eraPassed(chain, input), allowedAt });
          return { kind: 'failed', failure: classifyError(error, context) };
        }
      }),

    confirmExtrinsic: (input) =>
      beating(async () => {
        const { signed, until } = input;
        const first = await chain.head();
        const last = Math.min(
          first.number + patienceBlocks,
          until ?? Number.POSITIVE_INFINITY,
          lastBlockOf(signed) + 1,
        );
        const signal = during(confirmMs);
        let head = first;
        for (;;) {
          // From the birth on every time: a reorganisation may have put it below what was looked through before.
          const found = await locate(chain, signed, head.number);
          if (found !== null) return judge(chain, input, found);
          if (head.number >= last || signal.aborted) break;
          const next = await chain.waitForBlock(head.number + 1, signal).catch((error: unknown) => {
            if (!signal.aborted) throw error;
            return null;
          });
          cancellationSignal().throwIfAborted();
          if (next === null) break;
          head = next;
        }
        const finalized = await chain.finalizedHead();
        return { kind: 'absent', head: head.number, finalized: finalized.number, dead: await deadAfter(input) };
      }),

    watchReveal: (input) => beating(() => watchReveal(chain, input, cancellationSignal())),

    confirmFinality: (input) =>
      beating(async () => {
        const signal = during(confirmMs);
        const { block, signed } = input;
        for await (const final of chain.finalizedHeads({ signal })) {
          if (final.number < block.number) continue;
          if ((await chain.blockHash(block.number)) === block.hash) return { kind: 'final' };
          const found = await locate(chain, signed, (await chain.head()).number);
          if (found !== null) return { kind: 'moved', block: found.block, index: found.index };
          return { kind: 'reverted', dead: await deadAfter(input) };
        }
        cancellationSignal().throwIfAborted();
        return { kind: 'pending' };
      }),
  };

  /** Sends and watches until a few blocks have gone by without it: the pool of a node may lose it without a word. */
  async function watched(bytes: Hex) {
    const { number } = await chain.head();
    const enough = new AbortController();
    const signal = AbortSignal.any([during(watchMs), enough.signal]);
    const passed = chain.waitForBlock(number + patienceBlocks, signal).then(
      () => enough.abort(),
      () => undefined,
    );
    try {
      return await chain.submit(bytes, signal);
    } finally {
      enough.abort();
      await passed;
    }
  }

  /** Death is decided first and then looked through once more, so that a block between the two cannot hide it. */
  async function deadAfter(input: WriteInProgress) {
    const dead = await deathOf(chain, input);
    if (dead === null) return null;
    const found = await locate(chain, input.signed, (await chain.head()).number);
    return found === null ? dead : null;
  }
}

/** Whether no block above the head can hold the bytes. Unknown counts as no. */
const eraPassed = (chain: ChainClient, { signed }: WriteInProgress): Promise<boolean> =>
  chain.head().then(
    (head) => head.number >= lastBlockOf(signed),
    () => false,
  );

/** Aborts after a time, or when the activity is cancelled. */
const during = (ms: number): AbortSignal => AbortSignal.any([cancellationSignal(), AbortSignal.timeout(ms)]);
