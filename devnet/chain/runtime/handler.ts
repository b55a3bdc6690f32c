import type { Hex } from '../../../domain/units.ts';
import type { CallDeclaration } from '../declaration/pallet.ts';
import { Reader } from '../scale/bytes.ts';
import { type Fields, type StructValue, struct } from '../scale/composite.ts';
import type { State } from '../state/state.ts';
import { badOrigin } from './failure.ts';

export type Origin =
  | { readonly kind: 'signed'; readonly who: Hex }
  | { readonly kind: 'root' }
  | { readonly kind: 'none' };

/** What a call runs in. `block` is the block that it is, or would be, included in. */
export interface Context {
  readonly state: State;
  readonly block: number;
  readonly origin: Origin;
}

export interface Handler {
  readonly declaration: CallDeclaration;
  readonly paysFee: boolean;
  readonly refTime: bigint;
  bind(args: Reader): Pick<BoundCall, 'check' | 'run' | 'inner'>;
}

/** A call with its arguments decoded. */
export interface BoundCall {
  readonly declaration: CallDeclaration;
  readonly paysFee: boolean;
  readonly refTime: bigint;
  /** Checks that the pool makes too; a failure there never gets into a block. */
  check(context: Context): void;
  run(context: Context): void;
  /** The calls that this one carries, as SCALE bytes. */
  readonly inner: readonly Uint8Array[];
}

interface Body<F extends Fields> {
  readonly paysFee: boolean;
  /** Declared weight, in picoseconds of computation. */
  readonly refTime: bigint;
  check?(context: Context, args: StructValue<F>): void;
  run(context: Context, args: StructValue<F>): void;
  inner?(args: StructValue<F>): readonly Uint8Array[];
}

export function handler<F extends Fields>(declaration: CallDeclaration<F>, body: Body<F>): Handler {
  const codec = struct(declaration.name, declaration.args);
  return {
    declaration,
    paysFee: body.paysFee,
    refTime: body.refTime,
    bind: (input) => {
      const args = codec.decode(input);
      return {
        check: (context) => body.check?.(context, args),
        run: (context) => body.run(context, args),
        inner: body.inner?.(args) ?? [],
      };
    },
  };
}

export type Binder = (call: Uint8Array) => BoundCall;

/** Finds the handler of a call's bytes and decodes its arguments. */
export function binder(handlers: readonly Handler[]): Binder {
  const byIndex = new Map(handlers.map((each) => [`${each.declaration.palletIndex}.${each.declaration.index}`, each]));
  return (call) => {
    const input = new Reader(call);
    const found = byIndex.get(`${input.byte()}.${input.byte()}`);
    if (found === undefined) throw badOrigin();
    return { ...found, ...found.bind(input) };
  };
}

/** How deep calls lie in calls; one that carries none is 1 deep. */
export const depthOf = (call: Pick<BoundCall, 'inner'>, bind: Binder): number =>
  1 + Math.max(0, ...call.inner.map((each) => depthOf(bind(each), bind)));

/** Runs a call as a nested dispatch: all of its changes or none. */
export function dispatch(context: Context, call: BoundCall): void {
  context.state.transaction((state) => {
    call.check({ ...context, state });
    call.run({ ...context, state });
  });
}

export function signer(context: Context): Hex {
  if (context.origin.kind !== 'signed') throw badOrigin();
  return context.origin.who;
}

export function ensureRoot(context: Context): void {
  if (context.origin.kind !== 'root') throw badOrigin();
}
