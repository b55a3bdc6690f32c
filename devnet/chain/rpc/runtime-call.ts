import type { Hex } from '../../../domain/units.ts';
import { ListedState } from '../apis/listed-state.ts';
import { Reader, ScaleError } from '../scale/bytes.ts';
import type { RawState } from '../state/state.ts';
import { clientError, unknownBlock } from './failure.ts';
import type { Services } from './method.ts';

/** Bounds one request, not the chain: a listing of a whole storage would block every other client. */
export const MAX_KEYS = 100_000;

export interface BlockState {
  readonly hash: Hex;
  readonly state: RawState;
  readonly number: number;
}

/** The state after a block, after the head for null. */
export function stateAt({ chain }: Services, hash: Hex | null): BlockState {
  const block = hash === null ? chain.head : chain.block(hash);
  const state = block === null ? null : chain.stateAt(block.hash);
  if (block === null || state === null) throw unknownBlock(hash ?? 'head');
  return { hash: block.hash, state, number: block.number };
}

/** Calls a runtime API by its full name. Unknown names and arguments that do not decode fail as in a node. */
export function runtimeCall(services: Services, name: string, args: Uint8Array, hash: Hex | null): Uint8Array {
  const { state, number } = stateAt(services, hash);
  const keys = (prefix: Hex) => services.chain.store.keys(prefix, null, MAX_KEYS, number);
  const answer = services.apis.get(name);
  if (answer === undefined) throw clientError(`Execution failed: Exported method ${name} is not found`);
  try {
    return answer(new Reader(args), new ListedState(state, keys));
  } catch (error) {
    if (!(error instanceof ScaleError)) throw error;
    throw clientError(
      'Execution failed: Execution aborted due to trap: wasm trap: wasm `unreachable` instruction executed',
    );
  }
}
