import { decodeExtrinsic } from '../../../adapters/chain/block.ts';
import type { WriteOutcome } from '../../../domain/chain-write.ts';
import { writerStatus } from '../../../workflows/writer/messages.ts';
import type { Bench } from './world.ts';

/** One extrinsic of an account, by the chain's own record. */
export interface Recorded {
  readonly block: number;
  readonly call: string;
  readonly hash: string;
  /** The dispatch error, or null. */
  readonly error: string | null;
}

/** Every extrinsic that the writer's account signed, in the order of the best chain. */
export async function recordedOf({ chain, hotkey }: Bench): Promise<readonly Recorded[]> {
  const found: Recorded[] = [];
  const head = await chain.head();
  for (let number = 1; number <= head.number; number++) {
    const hash = await chain.blockHash(number);
    const { extrinsics } = await chain.body(hash);
    for (const [index, bytes] of extrinsics.entries()) {
      const extrinsic = decodeExtrinsic(chain.runtime, bytes);
      if (!extrinsic.isSigned || extrinsic.signer.toString() !== hotkey) continue;
      const error = await chain.dispatchError(hash, index);
      found.push({ block: number, call: extrinsic.method.method, hash: extrinsic.hash.toHex(), error });
    }
  }
  return found;
}

/** What the ledger says became of a write; null while it has no outcome. */
export async function outcomeOf({ ledger }: Bench, key: string): Promise<WriteOutcome | null> {
  return (await ledger.writes.get(key))?.outcome ?? null;
}

/** Activities that run only while a write is open, unopened or not final. */
const followingWrites: ReadonlySet<string> = new Set([
  'prepareExtrinsic',
  'submitExtrinsic',
  'confirmExtrinsic',
  'confirmFinality',
  'watchReveal',
]);

/** Whether nothing is on its way any more: no open write, nothing unopened, everything final. */
export async function isQuiet({ writer }: Bench): Promise<boolean> {
  // A query is a task of the workflow, which replays it where nothing is cached; this is none.
  const { raw } = await writer.describe();
  if (raw.pendingActivities?.some(({ activityType }) => followingWrites.has(activityType?.name ?? ''))) return false;
  const { open, notFinal, committed } = await writer.query(writerStatus);
  return open.length === 0 && notFinal.length === 0 && committed.length === 0;
}

/** Builds blocks, each when the writer has done what it can do without one, until `done` says so. */
export async function buildUntil(
  bench: Bench,
  done: () => Promise<boolean>,
  { most = 300, before }: { readonly most?: number; readonly before?: () => Promise<void> } = {},
): Promise<void> {
  for (let built = 0; built < most; built++) {
    if (await done()) return;
    await before?.();
    await bench.devnet.buildBlock();
    await bench.gate.opens(bench.writer);
  }
  throw new Error(`not done after ${most} blocks`);
}
