import type { Hex } from '../../../domain/units.ts';
import { type RawState, State } from '../state/state.ts';
import type { ChainStore } from '../state/store.ts';
import type { Block } from './block.ts';

/**
 * Blocks that lost against a fork. A node knows them by their hashes, state and all, until the blocks that won are
 * final, so a client that was told of one can still read at it. Kept in memory: a restart forgets them.
 */
export class RetractedBlocks {
  readonly #blocks = new Map<Hex, { readonly block: Block; readonly state: RawState }>();

  /** Keeps the blocks above the ancestor before the store drops them; gives all keys that they wrote. */
  keep(store: ChainStore, ancestor: number, blocks: readonly Block[]): ReadonlySet<Hex> {
    // Those of an earlier reorganisation may stand on a block that goes now.
    this.#blocks.clear();
    const changed = new Set<Hex>();
    let below: RawState = store.at(ancestor);
    for (const block of blocks) {
      const state = new State(below);
      for (const [key, value] of store.writtenIn(block.number)) {
        state.write(key, value);
        changed.add(key);
      }
      this.#blocks.set(block.hash, { block, state });
      below = state;
    }
    return changed;
  }

  block(hash: Hex): Block | null {
    return this.#blocks.get(hash)?.block ?? null;
  }

  stateAt(hash: Hex): RawState | null {
    return this.#blocks.get(hash)?.state ?? null;
  }

  /** Drops those that a final block has beaten. */
  forget(finalized: number): void {
    for (const [hash, { block }] of this.#blocks) if (block.number <= finalized) this.#blocks.delete(hash);
  }
}
