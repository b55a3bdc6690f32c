import type { TerminalStatus } from '../../domain/chain-failure.ts';
import type { Hex } from '../../domain/units.ts';
import type { Connection } from './connection.ts';
import { isHex } from './json.ts';

/** What a node told of an extrinsic that it watches. */
export type WatchStatus =
  | { readonly kind: 'pool'; readonly status: 'ready' | 'future' | 'broadcast' }
  | { readonly kind: 'in_block'; readonly block: Hex; readonly finalized: boolean }
  | { readonly kind: 'ended'; readonly status: TerminalStatus }
  /** The connection went or the node forgot; the extrinsic may well be included. */
  | { readonly kind: 'unknown'; readonly detail: string };

/**
 * Sends signed bytes and waits until they are in a block, until the pool gives them up, or until `signal`. Rejects
 * only when the pool refuses them at once. A watch dies with its connection and is not renewed, so every end but
 * `in_block` means: look at the chain.
 */
export async function submitAndWatch(connection: Connection, bytes: Hex, signal: AbortSignal): Promise<WatchStatus> {
  let settle: (status: WatchStatus) => void = () => undefined;
  const ended = new Promise<WatchStatus>((resolve) => {
    settle = resolve;
  });
  let latest: WatchStatus = { kind: 'unknown', detail: 'sent' };
  const onValue = (value: unknown) => {
    latest = statusOf(value);
    if (latest.kind !== 'pool') settle(latest);
  };
  const stopLost = connection.onLost(() => settle({ kind: 'unknown', detail: 'the connection was lost' }));
  const stop = () => settle(latest);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const id = await connection.watch(notice, 'author_submitAndWatchExtrinsic', [bytes], onValue, () =>
      settle({ kind: 'unknown', detail: 'the watch failed' }),
    );
    latest = latest.kind === 'unknown' ? { kind: 'pool', status: 'ready' } : latest;
    if (signal.aborted) settle(latest);
    const status = await ended;
    await connection.unwatch(notice, 'author_unwatchExtrinsic', id);
    return status;
  } finally {
    stopLost();
    signal.removeEventListener('abort', stop);
  }
}

const notice = 'author_extrinsicUpdate';

/** The JSON form of a status: a word, or an object with one key; chopsticks makes objects of the words, too. */
function statusOf(value: unknown): WatchStatus {
  if (typeof value === 'string') return statusOf({ [value]: null });
  if (typeof value !== 'object' || value === null) return { kind: 'unknown', detail: String(value) };
  for (const status of ['ready', 'future'] as const) {
    if (status in value) return { kind: 'pool', status };
  }
  for (const status of ['invalid', 'dropped'] as const) {
    if (status in value) return { kind: 'ended', status };
  }
  if ('broadcast' in value) return { kind: 'pool', status: 'broadcast' };
  // InBlock may be skipped, so Finalized counts as it.
  if ('finalized' in value && isHex(value.finalized))
    return { kind: 'in_block', block: value.finalized, finalized: true };
  if ('inBlock' in value && isHex(value.inBlock)) return { kind: 'in_block', block: value.inBlock, finalized: false };
  for (const status of ['usurped', 'retracted', 'finalityTimeout'] as const) {
    if (status in value) return { kind: 'ended', status };
  }
  return { kind: 'unknown', detail: JSON.stringify(value) };
}
