import type { WeightsCall, WriteRequest } from './chain-write.ts';
import type { WriterState } from './writer-types.ts';

/** One subnet's mechanism, within which vectors take each other's place. */
export const laneOf = ({ netuid, mecid }: Pick<WeightsCall, 'netuid' | 'mecid'>): string => `${netuid}/${mecid}`;

export const laneOfRequest = ({ call }: WriteRequest): string => ('mecid' in call ? laneOf(call) : '');

/** A write that is no longer wanted, and the key of the one that takes its place. */
interface Superseded {
  readonly key: string;
  readonly by: string;
}

/**
 * Which open vectors give way now that one was asked for under `key`. Of a subnet's mechanism only the vector of the
 * newest period is wanted: older ones that are not signed yet give way, and so does one that comes after a newer one.
 *
 * A vector that is sent again only keeps a hotkey from going stale, which any vector of a cycle does better: it never
 * takes the place of one, and gives way to the newest, whatever their blocks.
 */
export function givingWay({ open, newest }: WriterState, call: WeightsCall, key: string): readonly Superseded[] {
  const lane = laneOf(call);
  const others = open.flatMap(({ request, signed }) =>
    request.call.kind === 'set_weights' && laneOf(request.call) === lane
      ? [{ key: request.key, call: request.call, isSigned: signed !== null }]
      : [],
  );
  if (call.resend === true) {
    const cycle = others.find((other) => other.call.resend !== true);
    if (cycle !== undefined) return [{ key, by: cycle.key }];
    return others.filter((other) => other.key !== key && !other.isSigned).map((other) => ({ key: other.key, by: key }));
  }
  const current = newest[lane];
  if (current === undefined) return [];
  return others
    .filter((other) => !other.isSigned)
    .filter((other) => (other.call.resend === true ? current.key === key : other.call.period < current.period))
    .map((other) => ({ key: other.key, by: current.key }));
}
