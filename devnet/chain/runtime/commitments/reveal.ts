import type { Hex } from '../../../../domain/units.ts';
import { commitments, commitmentsEvents, type Data } from '../../declaration/pallets/commitments.ts';
import { drand } from '../../declaration/pallets/drand.ts';
import type { ValueOf } from '../../scale/codec.ts';
import type { State, StateReader } from '../../state/state.ts';
import type { Open } from '../commit-reveal/timelocked.ts';

type Field = ValueOf<typeof Data>;

/** What opened fields say is kept for so many of them per hotkey. */
const KEPT_REVEALS = 10;

export interface TimelockedField {
  readonly encrypted: Uint8Array;
  readonly round: bigint;
}

export function timelockOf({ kind, value }: Field): TimelockedField | null {
  const { encrypted, reveal_round: round } = value;
  if (kind !== 'TimelockEncrypted' || !(encrypted instanceof Uint8Array) || typeof round !== 'bigint') return null;
  return { encrypted, round };
}

/** Notes whether a commitment has something to open; the index is a set, in the order of its bytes. */
export function indexTimelocks(state: State, netuid: number, who: Hex, timelocked: boolean): void {
  const index = state.get(commitments.timelockedIndex);
  const others = index.filter(([subnet, account]) => subnet !== netuid || account !== who);
  if (!timelocked && others.length === index.length) return;
  const next = timelocked ? [...others, [netuid, who] as const] : others;
  next.sort(([subnet, account], [otherSubnet, other]) => subnet - otherSubnet || (account < other ? -1 : 1));
  state.set(commitments.timelockedIndex, [], next);
}

/**
 * At the start of a block: opens the fields whose pulse is there, and takes them out of the commitment; the whole entry
 * goes when nothing is left of it. A field that does not open is dropped without a word.
 */
export function revealCommitments(state: State, block: number, open: Open): void {
  for (const [netuid, who] of state.get(commitments.timelockedIndex)) {
    const registration = state.get(commitments.commitmentOf, netuid, who);
    if (registration === null) {
      indexTimelocks(state, netuid, who, false);
      continue;
    }
    const { fields } = registration.info;
    const left = fields.filter((field) => !isOut(state, field));
    if (left.length === fields.length) continue;
    const opened = fields.flatMap((field) => {
      const lock = timelockOf(field);
      const pulse = lock === null ? null : state.get(drand.pulses, lock.round);
      const plaintext = lock === null || pulse === null ? null : open(lock.encrypted, pulse.signature);
      return plaintext === null || plaintext.length === 0 ? [] : [[plaintext, BigInt(block)] as const];
    });
    if (left.length === 0) state.remove(commitments.commitmentOf, netuid, who);
    else state.set(commitments.commitmentOf, [netuid, who], { ...registration, info: { fields: left } });
    indexTimelocks(
      state,
      netuid,
      who,
      left.some((field) => timelockOf(field) !== null),
    );
    if (opened.length === 0) continue;
    const known = state.get(commitments.revealedCommitments, netuid, who) ?? [];
    state.set(commitments.revealedCommitments, [netuid, who], [...known, ...opened].slice(-KEPT_REVEALS));
    state.emit(commitmentsEvents.commitmentRevealed, { netuid, who });
  }
}

function isOut(state: StateReader, field: Field): boolean {
  const lock = timelockOf(field);
  return lock !== null && state.get(drand.pulses, lock.round) !== null;
}
