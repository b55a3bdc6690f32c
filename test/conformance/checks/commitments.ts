import { setTimeout as delay } from 'node:timers/promises';
import { hexToString, stringToHex } from '@polkadot/util';
import { signExtrinsic } from '../../../adapters/chain/extrinsic.ts';
import type { Check } from '../check.ts';
import type { Ground } from '../ground.ts';
import { call, ensureIncluded, mustSend } from '../send.ts';
import { absent, expectEqual, expectThat, notProvoked } from '../verdict.ts';

function writerOf({ writer }: Ground) {
  if (writer === null) throw notProvoked('without --write nothing is written');
  return writer.validator;
}

/** Writes through the client's own submission, with a watch, and returns the block. */
async function commit(ground: Ground, text: string) {
  const { client, netuid, writer } = ground;
  if (writer === null) throw notProvoked('without --write nothing is written');
  const { validator } = writer;
  const birth = await client.head();
  const envelope = {
    genesis: client.genesis,
    nonce: await client.nextNonce(validator.hotkey),
    birth,
    eraBlocks: 64,
  };
  const { bytes } = signExtrinsic(client.runtime, validator, { kind: 'set_commitment', netuid, text }, envelope);
  const watch = client.submit(bytes, AbortSignal.timeout(120_000)).catch((error: unknown) => {
    ensureIncluded(ground, 'set_commitment', { kind: 'pool', error });
    throw error;
  });
  // The submission has to be there before the block that is to hold it.
  await Promise.race([watch, delay(1_000)]);
  await ground.advance();
  const status = await watch;
  if (status.kind !== 'in_block') throw new Error(`the watch ended with ${JSON.stringify(status)}`);
  const { number, extrinsics } = await client.body(status.block);
  const block = await client.block(number);
  expectEqual(status.block, block.hash, 'the block of the watch');
  const name = await client.dispatchError(block.hash, extrinsics.indexOf(bytes));
  if (name !== null) ensureIncluded(ground, 'set_commitment', { kind: 'dispatch', name, block });
  return { birth, block };
}

export const commitmentChecks: readonly Check[] = [
  {
    name: 'commitments: a text is written and read, one by one, as a list and at its block',
    run: async (ground) => {
      const { client, netuid } = ground;
      const { hotkey } = writerOf(ground);
      const text = `conformance ${(await client.head()).number}`;
      const earlier = await client.commitment(netuid, hotkey, (await client.head()).hash);
      const { birth, block } = await commit(ground, text);
      const expected = { hotkey, block: block.number, text, bytesHex: stringToHex(text) };
      expectEqual(await client.commitment(netuid, hotkey, block.hash), expected, 'the commitment');
      const writes = await client.writesTo({ what: 'commitment', netuid, hotkey }, block.hash);
      expectEqual(writes.length, 1, 'the number of writes that the events tell');
      const list = await client.commitments(netuid, block.number);
      expectEqual(
        list.find((entry) => entry.hotkey === hotkey),
        expected,
        'the entry of the list',
      );
      expectEqual(await client.commitment(netuid, hotkey, birth.hash), earlier, 'what stood there before');
      const position = await client.commitmentPosition(netuid, hotkey, block.number);
      expectEqual(position.block, block.number, 'the block of the extrinsic');
      expectThat(position.index > 0, 'the place of the extrinsic is that of the timestamp');
    },
  },
  {
    name: 'commitments: of several fields the first one counts',
    run: async (ground) => {
      const { client, netuid, staged } = ground;
      if (client.capabilities.maxFields < 2) throw absent('a commitment has one field');
      if (staged === null) throw notProvoked('it takes another hotkey');
      const fields = [{ Raw5: stringToHex('first') }, { Raw6: stringToHex('second') }];
      const method = call(ground, 'Commitments', 'set_commitment', netuid, { fields });
      const { hash } = await mustSend(ground, [{ signer: staged.second, method }]);
      const read = await client.commitment(netuid, staged.second.hotkey, hash);
      expectEqual(read === null ? null : hexToString(read.bytesHex), 'first', 'the commitment');
      expectEqual(read?.text, 'first', 'its text');
    },
  },
  {
    name: 'commitments: one without a field is empty',
    run: async (ground) => {
      const { client, netuid, staged } = ground;
      if (staged === null) throw notProvoked('it takes another hotkey');
      const method = call(ground, 'Commitments', 'set_commitment', netuid, { fields: [] });
      const { hash } = await mustSend(ground, [{ signer: staged.miner, method }]);
      const read = await client.commitment(netuid, staged.miner.hotkey, hash);
      expectEqual(read && { text: read.text, bytesHex: read.bytesHex }, { text: null, bytesHex: '0x' }, 'it');
    },
  },
  {
    name: 'commitments: the room of an epoch is told, and what was written counts',
    run: async (ground) => {
      const { client, netuid } = ground;
      if (!client.capabilities.commitmentSpace) throw absent('commitments are limited by a distance in blocks');
      const { hotkey } = writerOf(ground);
      const space = await client.commitmentSpace(netuid, hotkey);
      expectThat(space !== null && space.used >= 100 && space.used <= space.max, `it is ${JSON.stringify(space)}`);
      const allowed = await client.commitmentAllowedAt(netuid, hotkey);
      expectEqual(allowed, await client.nextEpochStart(netuid), 'the block at which there is room again');
    },
  },
  {
    name: 'commitments: the distance between two is told',
    run: async (ground) => {
      const { client, netuid } = ground;
      const { commitmentDistance, commitmentSpace } = client.capabilities;
      if (commitmentDistance === null || commitmentSpace) throw absent('commitments are limited by room per epoch');
      const { hotkey } = writerOf(ground);
      const head = await client.head();
      const written = await client.commitment(netuid, hotkey, head.hash);
      expectEqual(await client.commitmentSpace(netuid, hotkey), null, 'the room');
      const allowed = await client.commitmentAllowedAt(netuid, hotkey);
      expectEqual(allowed, (written?.block ?? 0) + commitmentDistance, 'the block from which the next may be');
    },
  },
];
