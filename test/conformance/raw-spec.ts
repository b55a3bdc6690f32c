import { stringToU8a } from '@polkadot/util';
import { loadSigner } from '../../adapters/wallet/load.ts';
import type { Signer } from '../../adapters/wallet/signer.ts';
import { netuid } from '../../domain/units.ts';
import { startChopsticks } from './chopsticks.ts';
import { crowd, type Ground, poorRao, rao, type StateValue } from './ground.ts';
import { openEndpoint, stagedKeys } from './open.ts';
import { type Attempt, call, mustSend } from './send.ts';
import { encodeState } from './state.ts';

/** What a subnet's staged validator has at stake. */
const stakeRao = 10_000n * rao;

/**
 * The suite on a raw specification, under chopsticks. Its genesis has no root and no subnet of use: both are made here,
 * the root by writing it into the state, the subnet by the calls that make one.
 */
export async function openRawSpec(file: string): Promise<Ground> {
  const chopsticks = await startChopsticks(file);
  try {
    return await prepare(chopsticks.url, chopsticks.close);
  } catch (error) {
    await chopsticks.close();
    throw error;
  }
}

async function prepare(url: string, stop: () => Promise<void>): Promise<Ground> {
  const base = await openEndpoint({ url, netuid: 0, wallet: null, archive: null });
  const { client, rpc } = base;
  const { runtime } = client;
  const advance = async () => {
    await rpc.call('dev_newBlock', {});
  };
  const setIn = (subnet: number) => async (values: readonly StateValue[]) => {
    await rpc.call(
      'dev_setStorage',
      values.map((value) => encodeState(runtime, subnet, value)),
    );
  };
  const { validator, root, ...keys } = await stagedKeys();

  // The first block takes its slot and its time from two looks at the clock, which may fall into different slots.
  const slotMs = client.capabilities.blockTimeMs;
  await rpc.call('dev_timeTravel', Math.floor(Date.now() / slotMs) * slotMs + slotMs / 2);
  const account = (signer: Signer, free: bigint): StateValue => ({
    pallet: 'System',
    item: 'Account',
    keys: [signer.hotkey],
    value: { providers: 1, data: { free } },
  });
  await setIn(0)([
    { pallet: 'Sudo', item: 'Key', keys: [], value: root.hotkey },
    ...[root, keys.coldkey, keys.other].map((signer) => account(signer, 1_000_000n * rao)),
    account(keys.poor, poorRao),
    // Counted from block 0, as if a subnet had been registered there.
    { item: 'NetworkRateLimit', keys: [], value: 0 },
  ]);

  const before = { ...base, advance };
  const subnet = await freeSubnet(before);
  await mustSend(before, [
    { signer: root, method: call(before, 'SubtensorModule', 'register_network', root.hotkey, 1) },
  ]);
  const ground: Ground = { ...before, netuid: netuid(subnet) };
  const set = setIn(subnet);
  await set([
    { item: 'NetworkRegistrationAllowed', value: true },
    { item: 'MaxRegistrationsPerBlock', value: 100 },
    { item: 'TargetRegistrationsPerInterval', value: 100 },
    { item: 'WeightsSetRateLimit', value: 0 },
    { item: 'MinAllowedWeights', value: 1 },
    { item: 'MaxWeightsLimit', value: 65_535 },
  ]);
  const hotkeys = [validator, keys.miner, keys.second, ...(await Promise.all(crowd.map(signerOf)))];
  await mustSend(
    ground,
    hotkeys.map(({ hotkey }): Attempt => {
      return { signer: keys.coldkey, method: call(ground, 'SubtensorModule', 'burned_register', subnet, hotkey) };
    }),
  );
  await set([
    { item: 'TotalHotkeyAlpha', keys: [validator.hotkey, subnet], value: stakeRao },
    { item: 'TotalHotkeyShares', keys: [validator.hotkey, subnet], value: stakeRao },
    { item: 'Alpha', keys: [validator.hotkey, keys.coldkey.hotkey, subnet], value: stakeRao },
  ]);
  await pinPermits(ground, root, validator);
  return {
    ...ground,
    writer: { validator },
    staged: { ...keys, set },
    close: async () => {
      await base.close();
      await stop();
    },
  };
}

const signerOf = (uri: string): Promise<Signer> => loadSigner({ kind: 'uri', uri });

/** The number that the next subnet gets. */
async function freeSubnet({ client, rpc }: Ground): Promise<number> {
  for (let candidate = 1; ; candidate++) {
    const [key, added] = encodeState(client.runtime, candidate, { item: 'NetworksAdded', value: true });
    if ((await rpc.call('state_getStorage', key)) !== added) return candidate;
  }
}

/**
 * The epoch of this build is a stand-in that runs in every block and gives everybody a permit. A task of the scheduler
 * comes after it in each block and puts back what the suite needs: one permit, the validator's.
 */
async function pinPermits(ground: Ground, root: Signer, validator: Signer): Promise<void> {
  const { client, netuid: subnet } = ground;
  const { neurons, block } = await client.snapshot(subnet);
  const permits = neurons.map(({ hotkey }) => hotkey === validator.hotkey);
  const item = encodeState(client.runtime, subnet, { item: 'ValidatorPermit', value: permits });
  const write = call(ground, 'System', 'set_storage', [item]);
  const name = new Uint8Array(32);
  name.set(stringToU8a('permits'));
  const task = call(ground, 'Scheduler', 'schedule_named', name, block.number + 2, [1, 1_000_000], 0, write);
  await mustSend(ground, [{ signer: root, method: call(ground, 'Sudo', 'sudo', task) }]);
  await ground.advance();
  const pinned = await client.snapshot(subnet);
  const held = pinned.neurons.filter(({ validatorPermit }) => validatorPermit).map(({ hotkey }) => hotkey);
  if (held.join() !== validator.hotkey) throw new Error(`permits could not be pinned: ${held.join()} have them`);
}
