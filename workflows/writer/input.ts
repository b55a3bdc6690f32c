import type { Hotkey } from '../../domain/units.ts';
import type { WriterState } from '../../domain/writer-types.ts';
import type { Queues } from '../../temporal/ids.ts';

/** What a writer is started with; small JSON, so that an operator can start one by hand. */
export interface WriterInput {
  /** The chain's label (see domain/chain-label.ts); every activity refuses to work for another chain. */
  readonly chain: string;
  readonly hotkey: Hotkey;
  readonly queues: Queues;
  /** What the previous run left; nothing at the first start. */
  readonly state?: WriterState;
}
