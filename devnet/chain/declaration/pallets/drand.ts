import { QUICKNET } from '../../../../domain/timelock/quicknet.ts';
import { boundedBytes, fixedBytes, option, struct, variant, vec } from '../../scale/composite.ts';
import { MultiSignature } from '../../scale/known.ts';
import { u32, u64 } from '../../scale/primitive.ts';
import { declarePallet } from '../pallet.ts';
import { blake2, storageOf } from '../storage.ts';

const { value, optionalMap } = storageOf('Drand');
const { call, event, errors, constant, pallet } = declarePallet('Drand', 26);

export const Pulse = struct('pallet_drand::types::Pulse', {
  round: u64,
  randomness: boundedBytes(32),
  signature: boundedBytes(144),
});

const Metadata = struct('pallet_drand::types::Metadata', { beacon_id: boundedBytes(100) });
const BeaconConfiguration = struct('pallet_drand::types::BeaconConfiguration', {
  public_key: boundedBytes(96),
  period: u32,
  genesis_time: u32,
  hash: boundedBytes(32),
  group_hash: boundedBytes(32),
  scheme_id: boundedBytes(100),
  metadata: Metadata,
});

const MultiSigner = variant('sp_runtime::MultiSigner', {
  Ed25519: [0, { 0: fixedBytes(32) }],
  Sr25519: [1, { 0: fixedBytes(32) }],
  Ecdsa: [2, { 0: fixedBytes(33) }],
});
const PulsesPayload = struct('pallet_drand::types::PulsesPayload', {
  block_number: u32,
  pulses: vec(Pulse),
  public: MultiSigner,
});

const text = (of: string) => new TextEncoder().encode(of);
export const SCHEME_ID = text('bls-unchained-g1-rfc9380');

export const drand = {
  beaconConfig: value('BeaconConfig', BeaconConfiguration, {
    public_key: QUICKNET.publicKey,
    period: QUICKNET.periodS,
    genesis_time: QUICKNET.genesisS,
    hash: QUICKNET.chainHash,
    group_hash: QUICKNET.groupHash,
    scheme_id: SCHEME_ID,
    metadata: { beacon_id: text('quicknet') },
  }),
  pulses: optionalMap('Pulses', [blake2(u64)], Pulse),
  lastStoredRound: value('LastStoredRound', u64, 0n),
  oldestStoredRound: value('OldestStoredRound', u64, 0n),
};

export const drandCalls = {
  writePulse: call(0, 'write_pulse', { pulses_payload: PulsesPayload, signature: option(MultiSignature) }),
};

export const drandEvents = {
  newPulse: event(1, 'NewPulse', { rounds: vec(u64) }),
};

export const drandPallet = pallet({
  storage: drand,
  calls: drandCalls,
  events: drandEvents,
  errors: errors(
    'NoneValue',
    'StorageOverflow',
    'DrandConnectionFailure',
    'UnverifiedPulse',
    'InvalidRoundNumber',
    'PulseVerificationError',
  ),
  constants: [constant('UnsignedPriority', u64, 1_048_576n), constant('HttpFetchTimeout', u64, 1000n)],
});
