import type { Check } from '../check.ts';
import type { Ground } from '../ground.ts';
import { storedValue } from '../state.ts';
import { absent, expectEqual, expectThat, notProvoked } from '../verdict.ts';

const shortTempo = 4;

const stored = async (ground: Ground, item: string): Promise<number> =>
  Number((await storedValue(ground, 'SubtensorModule', item, [ground.netuid]))?.toString());

export const epochChecks: readonly Check[] = [
  {
    name: 'epochs: the next one begins after the head, within a tempo',
    run: async ({ client, netuid }) => {
      const { block, tempo } = await client.snapshot(netuid);
      const next = await client.nextEpochStart(netuid, block.hash);
      expectThat(next !== null && next > block.number - 1, `the next epoch is at ${next}, the head at ${block.number}`);
      expectThat(next !== null && next <= block.number + tempo + 1, `the next epoch is at ${next}: too far`);
    },
  },
  {
    name: 'epochs: the state says the same of the next one',
    run: async (ground) => {
      const { client, netuid } = ground;
      if (client.capabilities.epochs === 'legacy') throw absent('its epochs follow from the block number');
      const [last, pending, tempo] = await Promise.all(
        ['LastEpochBlock', 'PendingEpochAt', 'Tempo'].map((item) => stored(ground, item)),
      );
      const regular = (last ?? 0) + (tempo ?? 0);
      const expected = pending === undefined || pending === 0 ? regular : Math.min(regular, pending);
      expectEqual(await client.nextEpochStart(netuid), expected, 'the next epoch');
    },
  },
  {
    name: 'epochs: the count goes up when one begins',
    run: async (ground) => {
      const { client, netuid, staged } = ground;
      if (client.capabilities.epochs === 'legacy') throw absent('its epochs follow from the block number');
      if (staged === null) throw notProvoked('it takes root to shorten an epoch');
      const { tempo } = await client.snapshot(netuid);
      await staged.set([{ item: 'Tempo', value: shortTempo }]);
      await ground.advance();
      const next = await client.nextEpochStart(netuid);
      const index = await client.epochIndex(netuid);
      for (let head = await client.head(); next !== null && head.number < next; head = await client.head()) {
        expectEqual(await client.epochIndex(netuid, head.hash), index, 'the count before the epoch');
        await ground.advance();
      }
      expectEqual(await client.epochIndex(netuid), index + 1, 'the count');
      await staged.set([{ item: 'Tempo', value: tempo }]);
    },
  },
];
