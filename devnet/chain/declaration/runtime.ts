import type { Codec, TypeNode } from '../scale/codec.ts';
import { bytes } from '../scale/composite.ts';
import { MultiAddress, MultiSignature } from '../scale/known.ts';
import { runtimeMethods } from './apis/methods.ts';
import { signedExtra } from './extensions.ts';
import { eventRecordsCodec, extrinsicNode, runtimeCallCodec, runtimeErrorNode, runtimeEventNode } from './outer.ts';
import type { PalletDeclaration } from './pallet.ts';
import { adminPallet } from './pallets/admin-utils.ts';
import { auraPallet } from './pallets/aura.ts';
import { balancesPallet } from './pallets/balances.ts';
import { commitmentsPallet } from './pallets/commitments.ts';
import { drandPallet } from './pallets/drand.ts';
import { mevShieldPallet } from './pallets/mev-shield.ts';
import { proxyPallet } from './pallets/proxy.ts';
import { safeModePallet } from './pallets/safe-mode.ts';
import { subtensorPallet } from './pallets/subtensor.ts';
import { systemPallet, systemStorage } from './pallets/system.ts';
import { MINIMUM_PERIOD_MS, timestampPallet } from './pallets/timestamp.ts';
import { transactionPaymentPallet } from './pallets/transaction-payment.ts';
import { sudoPallet, utilityPallet } from './pallets/wrappers.ts';

/** The part of Subtensor 424 that subnets use: one value from which metadata, storage keys and codecs all come. */
export type RuntimeDeclaration = ReturnType<typeof declareRuntime>;

export function declareRuntime(minimumPeriodMs: bigint = MINIMUM_PERIOD_MS) {
  const pallets: PalletDeclaration[] = [];
  const resolve = () => pallets;
  const call = runtimeCallCodec(resolve);
  const system = systemStorage(eventRecordsCodec(resolve));
  const utility = utilityPallet(call);
  const sudo = sudoPallet(call);
  const proxy = proxyPallet(call);
  pallets.push(
    systemPallet(system),
    timestampPallet(minimumPeriodMs),
    auraPallet(minimumPeriodMs * 2n),
    balancesPallet,
    transactionPaymentPallet,
    subtensorPallet,
    utility.declaration,
    sudo.declaration,
    proxy.declaration,
    commitmentsPallet,
    adminPallet,
    safeModePallet,
    drandPallet,
    mevShieldPallet,
  );
  const extrinsicType: TypeNode = extrinsicNode(MultiAddress.type, call.type, MultiSignature.type, signedExtra);
  const extrinsic: Codec<Uint8Array> = { ...bytes, type: extrinsicType };
  return {
    pallets: pallets as readonly PalletDeclaration[],
    call,
    event: runtimeEventNode(resolve),
    error: runtimeErrorNode(resolve),
    extrinsic,
    methods: runtimeMethods(extrinsic, call),
    system,
    utility,
    sudo,
    proxy,
  };
}
