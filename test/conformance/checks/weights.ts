import { maxUpscale } from '../../../domain/signed-write.ts';
import type { Check } from '../check.ts';
import { call, mustSend } from '../send.ts';
import { absent, expectEqual, notProvoked } from '../verdict.ts';

const values = [10, 20, 30];

export const weightChecks: readonly Check[] = [
  {
    name: 'weights: set, read back and equal after upscaling, with the block of the update',
    run: async (ground) => {
      const { client, netuid, writer } = ground;
      if (writer === null) throw notProvoked('without --write nothing is written');
      const { validator } = writer;
      const { neurons, commitRevealEnabled, weightsVersion } = await client.snapshot(netuid);
      if (commitRevealEnabled) throw notProvoked('the subnet has commit-reveal on');
      const uids = neurons.filter(({ hotkey }) => hotkey !== validator.hotkey).slice(0, values.length);
      if (uids.length < values.length) throw notProvoked('the subnet has too few neurons');
      const dests = uids.map(({ uid }) => uid);
      const method = call(ground, 'SubtensorModule', 'set_weights', netuid, dests, values, weightsVersion);
      const block = await mustSend(ground, [{ signer: validator, method }]);
      const own = await client.registration(netuid, validator.hotkey, block.hash);
      if (own === null) throw new Error('the validator has no uid');
      const scaled = maxUpscale(values);
      const expected = dests.map((dest, index) => [dest, scaled[index]]);
      expectEqual(await client.weights(netuid, own, 0, block.hash), expected, 'the weights');
      expectEqual(await client.lastUpdate(netuid, own, 0, block.hash), block.number, 'the last update');
      const place = { what: 'weights', netuid, mecid: 0, hotkey: validator.hotkey, uid: own } as const;
      expectEqual((await client.writesTo(place, block.hash)).length, 1, 'the number of writes that the events tell');
    },
  },
  {
    name: 'weights: zeros are stored as they are, and rounding is to the nearest',
    run: async (ground) => {
      const { client, netuid, writer, staged } = ground;
      if (writer === null || staged === null) throw notProvoked('it takes two sets of weights at once');
      const { validator } = writer;
      const set = (dests: readonly number[], weights: readonly number[]) => ({
        signer: validator,
        method: call(ground, 'SubtensorModule', 'set_weights', netuid, dests, weights, 0),
      });
      const own = await client.registration(netuid, validator.hotkey);
      if (own === null) throw new Error('the validator has no uid');
      const { hash } = await mustSend(ground, [set([1, 2], [1, 3]), set([3, 1, 2], [1, 2, 0])]);
      expectEqual(
        await client.weights(netuid, own, 0, hash),
        [
          [3, 32768],
          [1, 65535],
          [2, 0],
        ],
        'the weights',
      );
    },
  },
  {
    name: 'weights: of oneself alone need no permit',
    run: async (ground) => {
      const { client, netuid, staged } = ground;
      if (staged === null) throw notProvoked('it takes a hotkey without a permit');
      const { miner } = staged;
      const own = await client.registration(netuid, miner.hotkey);
      if (own === null) throw new Error('the miner has no uid');
      const method = call(ground, 'SubtensorModule', 'set_weights', netuid, [own], [9], 0);
      const { hash } = await mustSend(ground, [{ signer: miner, method }]);
      expectEqual(await client.weights(netuid, own, 0, hash), [[own, 65535]], 'the weights');
    },
  },
  {
    name: 'weights: of a mechanism, set and read back',
    run: async (ground) => {
      const { client, netuid, writer, staged } = ground;
      if (!client.capabilities.mechanisms) throw absent('it knows no mechanisms');
      if (writer === null || staged === null) throw notProvoked('it takes a free rate limit');
      const { validator } = writer;
      const method = call(ground, 'SubtensorModule', 'set_mechanism_weights', netuid, 0, [1, 2], [5, 5], 0);
      const { hash } = await mustSend(ground, [{ signer: validator, method }]);
      const own = await client.registration(netuid, validator.hotkey);
      if (own === null) throw new Error('the validator has no uid');
      expectEqual(
        await client.weights(netuid, own, 0, hash),
        [
          [1, 65535],
          [2, 65535],
        ],
        'the weights',
      );
    },
  },
];
