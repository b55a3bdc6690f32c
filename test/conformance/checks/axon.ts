import type { Check } from '../check.ts';
import { call, mustSend } from '../send.ts';
import { expectEqual, notProvoked } from '../verdict.ts';

/** Documentation addresses (RFC 5737 and 3849), as the numbers that the chain keeps. */
const v4 = { number: 0xcb00_7107n, text: '203.0.113.7' };
const v6 = { number: 0x2001_0db8_0000_0000_0000_0000_0000_0007n, text: '2001:db8:0:0:0:0:0:7' };

export const axonChecks: readonly Check[] = [
  {
    name: 'axons: an address is served and read, also in the snapshot',
    run: async (ground) => {
      const { client, netuid, writer } = ground;
      if (writer === null) throw notProvoked('without --write nothing is written');
      const { validator } = writer;
      const method = call(ground, 'SubtensorModule', 'serve_axon', netuid, 7, v4.number, 8091, 4, 4, 0, 0);
      const block = await mustSend(ground, [{ signer: validator, method }]);
      const axon = { ip: v4.text, port: 8091, protocol: 4, version: 7, block: block.number };
      expectEqual(await client.axon(netuid, validator.hotkey, block.hash), axon, 'the axon');
      const { neurons } = await client.snapshot(netuid, block.hash);
      expectEqual(neurons.find(({ hotkey }) => hotkey === validator.hotkey)?.axon, axon, 'that of the snapshot');
    },
  },
  {
    name: 'axons: an address of version 6 is read as it was served',
    run: async (ground) => {
      const { client, netuid, staged } = ground;
      if (staged === null) throw notProvoked('it takes another hotkey');
      const { miner } = staged;
      const method = call(ground, 'SubtensorModule', 'serve_axon', netuid, 1, v6.number, 65_535, 6, 4, 0, 0);
      const { hash } = await mustSend(ground, [{ signer: miner, method }]);
      const axon = await client.axon(netuid, miner.hotkey, hash);
      expectEqual(axon && { ip: axon.ip, port: axon.port }, { ip: v6.text, port: 65_535 }, 'the axon');
    },
  },
  {
    name: 'axons: of a hotkey that never served there is none',
    run: async ({ client, netuid, staged }) => {
      if (staged === null) throw notProvoked('it takes another hotkey');
      expectEqual(await client.axon(netuid, staged.stranger.hotkey), null, 'the axon');
    },
  },
];
