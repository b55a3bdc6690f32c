import { randomBytes } from 'node:crypto';
import { hexToU8a, u8aToHex } from '@polkadot/util';
import { decodeAddress, keyExtractSuri, mnemonicToMiniSecret } from '@polkadot/util-crypto';
import { sr25519DeriveKeypairHard, sr25519DeriveKeypairSoft, sr25519KeypairFromSeed } from '@polkadot/wasm-crypto';
import type { Hex } from '../../../domain/units.ts';
import { commitments } from '../declaration/pallets/commitments.ts';
import { hyperparameters } from '../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../declaration/pallets/subtensor-neurons.ts';
import { subnet } from '../declaration/pallets/subtensor-subnet.ts';
import { lastUpgrade } from '../declaration/pallets/system.ts';
import type { RuntimeDeclaration } from '../declaration/runtime.ts';
import type { GenesisNeuron, GenesisOptions, SubnetOptions } from '../options.ts';
import { State } from '../state/state.ts';
import { endow } from './accounts.ts';
import { LAST_REGISTERED } from './rate-limits.ts';
import { register } from './registration.ts';
import { SALT_KEY } from './salt.ts';
import { changeStake } from './staking/shares.ts';

const RAO_PER_TAO = 1_000_000_000n;
const DEV_BALANCE = 1_000_000n * RAO_PER_TAO;
const VALIDATOR_STAKE = 10_000n * RAO_PER_TAO;
export const DEV_ACCOUNTS = ['//Alice', '//Bob', '//Charlie', '//Dave', '//Eve', '//Ferdie'] as const;
/**
 * The mini secret of the dev phrase, "bottom drive obey lake curtain smoke basket hold race lonely fit walk": to
 * stretch the phrase anew for every account takes longer than all else that a chain begins with.
 */
const DEV_SECRET = hexToU8a('0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e');
/** On each side of the subnet's pool. */
const POOL = 100_000n * RAO_PER_TAO;
const ROOT_NETUID = 0;

/** Where the public key begins in what the library calls a pair. */
const SECRET_BYTES = 64;

/** The public key of a dev URI, a mnemonic or an SS58 address. Needs `cryptoWaitReady`. */
export function accountIdOf(account: string): Hex {
  if (!account.includes('/') && !account.includes(' ')) return u8aToHex(decodeAddress(account));
  const isDev = account.startsWith('//');
  const { path, phrase } = keyExtractSuri(isDev ? `dev${account}` : account);
  const root = sr25519KeypairFromSeed(isDev ? DEV_SECRET : mnemonicToMiniSecret(phrase));
  const pair = path.reduce(
    (of, { isHard, chainCode }) => (isHard ? sr25519DeriveKeypairHard : sr25519DeriveKeypairSoft)(of, chainCode),
    root,
  );
  return u8aToHex(pair.subarray(SECRET_BYTES));
}

const defaultNeurons: readonly GenesisNeuron[] = [
  { account: '//Alice', role: 'validator' },
  { account: '//Bob', role: 'miner' },
];

/** The state of block 0: dev accounts with money, //Alice as sudo and owner of one subnet, its first neurons. */
export function genesisState(runtime: RuntimeDeclaration, options: GenesisOptions): State {
  const state = new State({ read: () => null });
  const alice = accountIdOf('//Alice');
  const settings = options.subnet ?? {};
  const netuid = settings.netuid ?? 1;

  state.write(SALT_KEY, options.salt === undefined ? randomBytes(32) : new TextEncoder().encode(options.salt));
  state.set(runtime.system.lastRuntimeUpgrade, [], lastUpgrade);
  state.set(runtime.sudo.storage.key, [], alice);
  for (const account of DEV_ACCOUNTS) endow(state, accountIdOf(account), DEV_BALANCE);
  for (const [account, free] of Object.entries(options.balances ?? {})) endow(state, accountIdOf(account), free);

  state.set(subnet.totalNetworks, [], netuid + 1);
  state.set(hyperparameters.commitRevealWeightsEnabled, [ROOT_NETUID], false);
  for (const added of [ROOT_NETUID, netuid]) {
    state.set(subnet.networksAdded, [added], true);
    state.set(subnet.subnetOwner, [added], alice);
  }
  state.set(subnet.subnetOwnerHotkey, [netuid], alice);
  state.set(subnet.subnetMechanism, [netuid], 1);
  state.set(hyperparameters.subtokenEnabled, [netuid], true);
  state.set(subnet.firstEmissionBlockNumber, [netuid], 1n);
  // The first subnet counts as founded, and nobody has to wait for founding the next.
  state.set(hyperparameters.lastRateLimitedBlock, [LAST_REGISTERED], 1n);
  state.set(hyperparameters.networkRateLimit, [], 0n);
  // One alpha costs one TAO at first, and a demo's stakes move that by little.
  state.set(subnet.subnetTAO, [netuid], POOL);
  state.set(subnet.subnetAlphaIn, [netuid], POOL);
  state.set(subnet.totalStake, [], POOL);
  applySettings(state, netuid, settings);

  const members = [...(options.defaultNeurons === false ? [] : defaultNeurons), ...(options.neurons ?? [])];
  for (const [uid, member] of members.entries()) addNeuron(state, netuid, uid, member);
  state.events.length = 0; // genesis has no events
  return state;
}

function applySettings(state: State, netuid: number, options: SubnetOptions): void {
  const { tempo, weightsRateLimit, minAllowedWeights, weightsVersionKey, maxAllowedUids, servingRateLimit } = options;
  if (tempo !== undefined) state.set(hyperparameters.tempo, [netuid], tempo);
  if (weightsRateLimit !== undefined)
    state.set(hyperparameters.weightsSetRateLimit, [netuid], BigInt(weightsRateLimit));
  // What a new subnet gets; the storage default of 1,024 is for none.
  state.set(hyperparameters.minAllowedWeights, [netuid], minAllowedWeights ?? 1);
  state.set(hyperparameters.maxAllowedValidators, [netuid], options.maxAllowedValidators ?? 64);
  state.set(hyperparameters.immunityPeriod, [netuid], options.immunityPeriod ?? 5000);
  state.set(hyperparameters.commitRevealWeightsEnabled, [netuid], options.commitReveal ?? false);
  if (options.revealPeriodEpochs !== undefined)
    state.set(hyperparameters.revealPeriodEpochs, [netuid], BigInt(options.revealPeriodEpochs));
  if (options.mechanisms !== undefined) state.set(hyperparameters.mechanismCountCurrent, [netuid], options.mechanisms);
  if (weightsVersionKey !== undefined)
    state.set(hyperparameters.weightsVersionKey, [netuid], BigInt(weightsVersionKey));
  if (maxAllowedUids !== undefined) state.set(hyperparameters.maxAllowedUids, [netuid], maxAllowedUids);
  if (servingRateLimit !== undefined) state.set(hyperparameters.servingRateLimit, [netuid], BigInt(servingRateLimit));
  if (options.stakeThresholdRao !== undefined) state.set(hyperparameters.stakeThreshold, [], options.stakeThresholdRao);
  if (options.burnRao !== undefined) state.set(hyperparameters.burn, [netuid], options.burnRao);
  if (options.commitmentSpaceBytes !== undefined) state.set(commitments.maxSpace, [], options.commitmentSpaceBytes);
}

function addNeuron(state: State, netuid: number, uid: number, member: GenesisNeuron): void {
  const hotkey = accountIdOf(member.account);
  const coldkey = member.coldkey === undefined ? hotkey : accountIdOf(member.coldkey);
  register(state, { netuid, hotkey, coldkey, uid, block: 0 });
  const stake = member.stakeRao ?? (member.role === 'validator' ? VALIDATOR_STAKE : 0n);
  if (stake > 0n) {
    changeStake(state, { hotkey, coldkey, netuid }, stake);
    state.set(subnet.subnetAlphaOut, [netuid], state.get(subnet.subnetAlphaOut, netuid) + stake);
  }
  const permits = [...state.get(neurons.validatorPermit, netuid)];
  permits[uid] = member.permit ?? member.role === 'validator';
  state.set(neurons.validatorPermit, [netuid], permits);
}
