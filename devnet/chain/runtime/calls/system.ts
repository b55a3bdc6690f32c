import { u8aToHex } from '@polkadot/util';
import { blake2AsHex } from '@polkadot/util-crypto';
import { systemCalls, systemEvents } from '../../declaration/pallets/system.ts';
import { timestamp, timestampCalls } from '../../declaration/pallets/timestamp.ts';
import { badOrigin } from '../failure.ts';
import { ensureRoot, type Handler, handler, signer } from '../handler.ts';

const cheap = { paysFee: true, refTime: 10_000_000n } as const;

export const systemHandlers: readonly Handler[] = [
  handler(systemCalls.remark, { ...cheap, run: () => undefined }),
  handler(systemCalls.remarkWithEvent, {
    ...cheap,
    run: (context, { remark }) =>
      context.state.emit(systemEvents.remarked, { sender: signer(context), hash: blake2AsHex(remark) }),
  }),
  handler(systemCalls.setStorage, {
    ...cheap,
    run: (context, { items }) => {
      ensureRoot(context);
      for (const [key, value] of items) context.state.write(u8aToHex(key), value);
    },
  }),
  handler(systemCalls.killStorage, {
    ...cheap,
    run: (context, { keys }) => {
      ensureRoot(context);
      for (const key of keys) context.state.write(u8aToHex(key), null);
    },
  }),
  handler(timestampCalls.set, {
    paysFee: false,
    refTime: 10_000_000n,
    run: (context, { now }) => {
      if (context.origin.kind !== 'none') throw badOrigin();
      context.state.set(timestamp.now, [], now);
    },
  }),
];
