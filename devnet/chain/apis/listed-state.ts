import type { Hex } from '../../../domain/units.ts';
import { type RawState, StateReader } from '../state/state.ts';

/** A state whose keys can be listed, for answers that a single entry does not hold. */
export class ListedState extends StateReader {
  readonly #keys: (prefix: Hex) => readonly Hex[];

  constructor(base: RawState, keys: (prefix: Hex) => readonly Hex[]) {
    super(base);
    this.#keys = keys;
  }

  /** All keys that begin so, in the order of their bytes. */
  keys(prefix: Hex): readonly Hex[] {
    return this.#keys(prefix);
  }
}
