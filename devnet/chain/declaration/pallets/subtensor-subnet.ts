import { bytes } from '../../scale/composite.ts';
import { AccountId32, FixedI128, ZERO_ACCOUNT } from '../../scale/known.ts';
import { bool, u16, u64, u128 } from '../../scale/primitive.ts';
import { identity, storageOf } from '../storage.ts';

const { value, map, optionalMap } = storageOf('SubtensorModule');

/** What a subnet is and where its epochs stand. */
export const subnet = {
  totalNetworks: value('TotalNetworks', u16, 0),
  networksAdded: map('NetworksAdded', [identity(u16)], bool, false),
  subnetworkN: map('SubnetworkN', [identity(u16)], u16, 0),
  subnetMechanism: map('SubnetMechanism', [identity(u16)], u16, 0),
  networkRegisteredAt: map('NetworkRegisteredAt', [identity(u16)], u64, 0n),
  subnetOwner: map('SubnetOwner', [identity(u16)], AccountId32, ZERO_ACCOUNT),
  subnetOwnerHotkey: map('SubnetOwnerHotkey', [identity(u16)], AccountId32, ZERO_ACCOUNT),
  tokenSymbol: map('TokenSymbol', [identity(u16)], bytes, new Uint8Array([240, 157, 156, 143])),
  lastEpochBlock: map('LastEpochBlock', [identity(u16)], u64, 0n),
  pendingEpochAt: map('PendingEpochAt', [identity(u16)], u64, 0n),
  subnetEpochIndex: map('SubnetEpochIndex', [identity(u16)], u64, 0n),
  blocksSinceLastStep: map('BlocksSinceLastStep', [identity(u16)], u64, 0n),
  lastMechansimStepBlock: map('LastMechansimStepBlock', [identity(u16)], u64, 0n),
  registrationsThisInterval: map('RegistrationsThisInterval', [identity(u16)], u16, 0),
  burnRegistrationsThisInterval: map('BurnRegistrationsThisInterval', [identity(u16)], u16, 0),
  registrationsThisBlock: map('RegistrationsThisBlock', [identity(u16)], u16, 0),
  lastAdjustmentBlock: map('LastAdjustmentBlock', [identity(u16)], u64, 0n),
  rAORecycledForRegistration: map('RAORecycledForRegistration', [identity(u16)], u64, 0n),
  totalIssuance: value('TotalIssuance', u64, 0n),
  totalStake: value('TotalStake', u64, 0n),
  subnetTAO: map('SubnetTAO', [identity(u16)], u64, 0n),
  subnetAlphaIn: map('SubnetAlphaIn', [identity(u16)], u64, 0n),
  subnetAlphaOut: map('SubnetAlphaOut', [identity(u16)], u64, 0n),
  subnetVolume: map('SubnetVolume', [identity(u16)], u128, 0n),
  subnetMovingPrice: map('SubnetMovingPrice', [identity(u16)], FixedI128, { bits: 0n }),
  subnetAlphaInEmission: map('SubnetAlphaInEmission', [identity(u16)], u64, 0n),
  subnetAlphaOutEmission: map('SubnetAlphaOutEmission', [identity(u16)], u64, 0n),
  subnetTaoInEmission: map('SubnetTaoInEmission', [identity(u16)], u64, 0n),
  firstEmissionBlockNumber: optionalMap('FirstEmissionBlockNumber', [identity(u16)], u64),
  pendingServerEmission: map('PendingServerEmission', [identity(u16)], u64, 0n),
  pendingValidatorEmission: map('PendingValidatorEmission', [identity(u16)], u64, 0n),
  pendingRootAlphaDivs: map('PendingRootAlphaDivs', [identity(u16)], u64, 0n),
};
