import { deaths, type Fault, networkFaults, otherFaults } from './faults.ts';
import { type WriteKind, writeKinds } from './writes.ts';

export interface Point {
  readonly name: string;
  readonly kind: WriteKind;
  readonly fault: Fault;
}

/** Every fault with every kind of write that it can meet in a way of its own. */
export const points: readonly Point[] = [
  ...across(networkFaults, writeKinds),
  ...across(deaths, ['commitment', 'hash', 'timelock']),
  ...across(otherFaults, ['commitment', 'plain']),
];

export const seedsOfPoint = [1, 2, 3, 4, 5] as const;

function across(faults: Readonly<Record<string, Fault>>, kinds: readonly WriteKind[]): readonly Point[] {
  return Object.entries(faults).flatMap(([name, fault]) =>
    kinds.map((kind) => ({ name: `${kind}: ${name}`, kind, fault })),
  );
}
