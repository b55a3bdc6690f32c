import type { Codec } from '../../scale/codec.ts';
import { boundedVec, option, struct, tuple, variant } from '../../scale/composite.ts';
import { AccountId32, DispatchResult, MultiAddress } from '../../scale/known.ts';
import { u32, u64 } from '../../scale/primitive.ts';
import { declarePallet } from '../pallet.ts';
import { storageOf, twox } from '../storage.ts';

const KINDS = [
  'Any',
  'Owner',
  'NonCritical',
  'NonTransfer',
  'Senate',
  'NonFungible',
  'Triumvirate',
  'Governance',
  'Staking',
  'Registration',
  'Transfer',
  'SmallTransfer',
  'RootWeights',
  'ChildKeys',
  'SudoUncheckedSetCode',
  'SwapHotkey',
  'SubnetLeaseBeneficiary',
  'RootClaim',
] as const;
export type ProxyKind = (typeof KINDS)[number];

interface ProxyTypeValue {
  readonly kind: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** What a delegate may do in somebody's name. */
export const ProxyType: Codec<ProxyTypeValue> = variant(
  'subtensor_runtime_common::ProxyType',
  Object.fromEntries(KINDS.map((kind, index) => [kind, [index, {}] as const])),
);

const ProxyDefinition = struct('pallet_proxy::ProxyDefinition', {
  delegate: AccountId32,
  proxy_type: ProxyType,
  delay: u32,
});

const MAX_PROXIES = 20;

/** Proxy carries calls, so the codec of a call is given to it, as to Utility. */
export function proxyPallet(runtimeCall: Codec<Uint8Array>) {
  const { call, event, errors, pallet } = declarePallet('Proxy', 16);
  const { map } = storageOf('Proxy');
  const storage = {
    proxies: map('Proxies', [twox(AccountId32)], tuple(boundedVec(ProxyDefinition, MAX_PROXIES), u64), [[], 0n]),
  };
  const definition = { delegate: MultiAddress, proxy_type: ProxyType, delay: u32 };
  const calls = {
    proxy: call(0, 'proxy', { real: MultiAddress, force_proxy_type: option(ProxyType), call: runtimeCall }),
    addProxy: call(1, 'add_proxy', definition),
    removeProxy: call(2, 'remove_proxy', definition),
  };
  const added = { delegator: AccountId32, delegatee: AccountId32, proxy_type: ProxyType, delay: u32 };
  const events = {
    proxyExecuted: event(0, 'ProxyExecuted', { result: DispatchResult }),
    proxyAdded: event(3, 'ProxyAdded', added),
    proxyRemoved: event(4, 'ProxyRemoved', added),
  };
  const refusals = errors(
    'TooMany',
    'NotFound',
    'NotProxy',
    'Unproxyable',
    'Duplicate',
    'NoPermission',
    'Unannounced',
    'NoSelfProxy',
  );
  return { storage, calls, events, refusals, declaration: pallet({ storage, calls, events, errors: refusals }) };
}
