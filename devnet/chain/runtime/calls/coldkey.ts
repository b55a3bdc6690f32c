import type { Hex } from '../../../../domain/units.ts';
import { subtensorCalls as calls } from '../../declaration/pallets/subtensor-calls.ts';
import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { subtensorEvents as events } from '../../declaration/pallets/subtensor-events.ts';
import { hyperparameters } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import { refusal } from '../failure.ts';
import { type BoundCall, type Context, type Handler, handler, signer } from '../handler.ts';

const pays = { paysFee: true, refTime: 25_000_000n } as const;
/** What a coldkey may still send after it announced that it will be swapped. */
const ALLOWED = new Set<string>([calls.announceColdkeySwap.name, calls.disputeColdkeySwap.name]);

/** Every call of a coldkey that is about to be swapped is refused: the swap may be a thief's, or flee from one. */
export function checkColdkeySwap({ state, origin }: Context, { declaration }: Pick<BoundCall, 'declaration'>): void {
  if (origin.kind !== 'signed') return;
  if (state.get(hyperparameters.coldkeySwapDisputes, origin.who) !== null) throw refusal(errors.ColdkeySwapDisputed);
  const announced = state.get(hyperparameters.coldkeySwapAnnouncements, origin.who) !== null;
  const allowed = declaration.pallet === 'SubtensorModule' && ALLOWED.has(declaration.name);
  if (announced && !allowed) throw refusal(errors.ColdkeySwapAnnounced);
}

function checkOwner({ state, origin }: Context, hotkey: Hex): void {
  if (origin.kind !== 'signed') return;
  if (state.read(neurons.owner.key(hotkey)) === null) throw refusal(errors.HotKeyAccountNotExists);
  if (state.get(neurons.owner, hotkey) !== origin.who) throw refusal(errors.NonAssociatedColdKey);
}

/** A validator's take, and the announcement of a coldkey's swap. */
export const coldkeyHandlers: readonly Handler[] = [
  handler(calls.decreaseTake, {
    ...pays,
    check: (context, { hotkey, take }) => {
      checkOwner(context, hotkey);
      if (take < context.state.get(hyperparameters.minDelegateTake)) throw refusal(errors.DelegateTakeTooLow);
      if (take >= context.state.get(neurons.delegates, hotkey)) throw refusal(errors.DelegateTakeTooLow);
    },
    run: (context, { hotkey, take }) => {
      context.state.set(neurons.delegates, [hotkey], take);
      context.state.emit(events.takeDecreased, { 0: signer(context), 1: hotkey, 2: take });
    },
  }),
  handler(calls.increaseTake, {
    ...pays,
    check: (context, { hotkey, take }) => {
      checkOwner(context, hotkey);
      if (take > context.state.get(hyperparameters.maxDelegateTake)) throw refusal(errors.DelegateTakeTooHigh);
      if (take <= context.state.get(neurons.delegates, hotkey)) throw refusal(errors.DelegateTakeTooLow);
    },
    run: (context, { hotkey, take }) => {
      context.state.set(neurons.delegates, [hotkey], take);
      context.state.emit(events.takeIncreased, { 0: signer(context), 1: hotkey, 2: take });
    },
  }),
  handler(calls.announceColdkeySwap, {
    ...pays,
    run: ({ state, block, origin }, { new_coldkey_hash: hash }) => {
      const who = signer({ state, block, origin });
      state.set(hyperparameters.coldkeySwapAnnouncements, [who], [block, hash]);
      state.emit(events.coldkeySwapAnnounced, { who, new_coldkey_hash: hash });
    },
  }),
  handler(calls.disputeColdkeySwap, {
    ...pays,
    run: (context) => {
      const who = signer(context);
      if (context.state.get(hyperparameters.coldkeySwapAnnouncements, who) === null)
        throw refusal(errors.ColdkeySwapAnnouncementNotFound);
      context.state.set(hyperparameters.coldkeySwapDisputes, [who], context.block);
      context.state.emit(events.coldkeySwapDisputed, { coldkey: who });
    },
  }),
];
