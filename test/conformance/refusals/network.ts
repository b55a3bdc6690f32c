import { call } from '../send.ts';
import { hasCall, hasItem } from '../state.ts';
import type { Round } from './round.ts';

/** Counted from the last subnet that was registered, whoever did it. */
export const crowdedNetworks: Round = {
  settings: () => [{ item: 'NetworkRateLimit', keys: [], value: 1_000_000 }],
  restored: () => [{ item: 'NetworkRateLimit', keys: [], value: 10 }],
  provocations: [
    {
      name: 'NetworkTxRateLimitExceeded',
      lacking: ({ client }) =>
        hasCall(client.runtime, 'SubtensorModule', 'registerNetwork') &&
        hasItem(client.runtime, 'SubtensorModule', 'NetworkRateLimit')
          ? null
          : 'subnets cannot be registered',
      attempt: (stage) => {
        const { hotkey } = stage.staged.stranger;
        // The test build wants the subnet's mechanism beside its owner.
        const more =
          stage.client.runtime.meta.tx['subtensorModule']?.['registerNetwork']?.meta.args.length === 2 ? [1] : [];
        const method = call(stage, 'SubtensorModule', 'register_network', hotkey, ...more);
        return { signer: stage.staged.other, method };
      },
    },
  ],
};
