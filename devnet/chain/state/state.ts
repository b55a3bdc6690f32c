import type { Hex } from '../../../domain/units.ts';
import type { EventDeclaration } from '../declaration/pallet.ts';
import type { StorageEntry } from '../declaration/storage.ts';
import { Writer } from '../scale/bytes.ts';
import { decode, encode } from '../scale/codec.ts';
import type { Fields, StructValue } from '../scale/composite.ts';

/** Anything that storage can be read from: the head, a block of the past, or a layer of changes. */
export interface RawState {
  read(key: Hex): Uint8Array | null;
}

/** Typed reads of a state that stands still. */
export class StateReader implements RawState {
  readonly #base: RawState;

  constructor(base: RawState) {
    this.#base = base;
  }

  read(key: Hex): Uint8Array | null {
    return this.#base.read(key);
  }

  get<K extends readonly unknown[], V, R>(entry: StorageEntry<K, V, R>, ...keys: K): V | R {
    const raw = this.read(entry.key(...keys));
    return raw === null ? entry.absent() : decode(entry.value, raw);
  }
}

/** A layer of changes and events over another state. Nothing below changes until the layer is merged. */
export class State extends StateReader {
  readonly changes = new Map<Hex, Uint8Array | null>();
  /** Encoded events in order, without their phase. */
  readonly events: Uint8Array[] = [];

  override read(key: Hex): Uint8Array | null {
    const changed = this.changes.get(key);
    return changed === undefined ? super.read(key) : changed;
  }

  write(key: Hex, value: Uint8Array | null): void {
    this.changes.set(key, value);
  }

  set<K extends readonly unknown[], V, R>(entry: StorageEntry<K, V, R>, keys: K, value: V): void {
    this.write(entry.key(...keys), encode(entry.value, value));
  }

  remove<K extends readonly unknown[], V, R>(entry: StorageEntry<K, V, R>, ...keys: K): void {
    this.write(entry.key(...keys), null);
  }

  emit<F extends Fields>(event: EventDeclaration<F>, values: StructValue<F>): void {
    const out = new Writer();
    out.byte(event.palletIndex);
    out.byte(event.index);
    const parts: Readonly<Record<string, unknown>> = values;
    for (const [name, codec] of Object.entries(event.fields)) codec.encode(parts[name], out);
    this.events.push(out.finish());
  }

  /** Runs on a layer of its own; a throw leaves no change and no event behind. */
  transaction<T>(run: (inner: State) => T): T {
    const inner = new State(this);
    const result = run(inner);
    for (const [key, value] of inner.changes) this.changes.set(key, value);
    this.events.push(...inner.events);
    return result;
  }
}
