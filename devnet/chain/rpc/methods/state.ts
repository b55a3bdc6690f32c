import { u8aToHex } from '@polkadot/util';
import { blake2AsHex } from '@polkadot/util-crypto';
import type { Hex } from '../../../../domain/units.ts';
import { runtimeVersion } from '../../declaration/version.ts';
import { decode } from '../../scale/codec.ts';
import { bytes } from '../../scale/composite.ts';
import type { RawState } from '../../state/state.ts';
import { RpcFailure } from '../failure.ts';
import { type Method, type Methods, type Services, unsubscribe } from '../method.ts';
import { MAX_KEYS, runtimeCall, stateAt } from '../runtime-call.ts';

const MAX_PAGE = 1000;

export function stateMethods(services: Services): Methods {
  const { chain } = services;
  const at = (hash: Hex | null) => stateAt(services, hash);
  const hexOrNull = (value: Uint8Array | null) => (value === null ? null : u8aToHex(value));
  const changeSet = (hash: Hex, state: RawState, keys: readonly Hex[]) => ({
    block: hash,
    changes: keys.map((key) => [key, hexOrNull(state.read(key))]),
  });

  const getStorage: Method = (params) => hexOrNull(at(params.optionalHex(1)).state.read(params.hex(0)));
  const keysPaged: Method = (params) => {
    const count = params.number(1);
    if (count > MAX_PAGE) throw new RpcFailure(4002, `count exceeds maximum value. value: ${count}, max: ${MAX_PAGE}`);
    return chain.store.keys(
      params.optionalHex(0) ?? '0x',
      params.optionalHex(2),
      count,
      at(params.optionalHex(3)).number,
    );
  };
  const call: Method = (params) =>
    u8aToHex(runtimeCall(services, params.text(0), params.bytes(1), params.optionalHex(2)));
  const version: Method = (params) => {
    at(params.optionalHex(0));
    return versionJson();
  };
  const pairs: Method = (params) => {
    const { number, state } = at(params.optionalHex(1));
    return chain.store.keys(params.hex(0), null, MAX_KEYS, number).map((key) => [key, hexOrNull(state.read(key))]);
  };

  return {
    state_getMetadata: (params) =>
      // The node hands out the opaque bytes without their length.
      u8aToHex(decode(bytes, runtimeCall(services, 'Metadata_metadata', new Uint8Array(), params.optionalHex(0)))),
    state_getRuntimeVersion: version,
    chain_getRuntimeVersion: version,
    state_getStorage: getStorage,
    state_getStorageAt: getStorage,
    state_getStorageHash: (params) => {
      const value = at(params.optionalHex(1)).state.read(params.hex(0));
      return value === null ? null : blake2AsHex(value);
    },
    state_getStorageSize: (params) => at(params.optionalHex(1)).state.read(params.hex(0))?.length ?? null,
    state_getKeys: (params) => chain.store.keys(params.hex(0), null, MAX_KEYS, at(params.optionalHex(1)).number),
    state_getPairs: pairs,
    state_getKeysPaged: keysPaged,
    state_getKeysPagedAt: keysPaged,
    state_call: call,
    state_callAt: call,
    state_queryStorageAt: (params) => {
      const { hash, state } = at(params.optionalHex(1));
      return [changeSet(hash, state, params.hexList(0))];
    },
    state_queryStorage: (params) => {
      const keys = params.hexList(0);
      const [from, to] = [at(params.hex(1)), at(params.optionalHex(2))];
      if (from.number > to.number) throw new RpcFailure(4001, 'Cannot resolve a block range');
      const sets = [changeSet(from.hash, from.state, keys)];
      for (let number = from.number + 1; number <= to.number; number++) {
        const changed = chain.store.changedIn(number, keys);
        const hash = chain.store.hashOf(number);
        if (changed.length > 0 && hash !== null) sets.push(changeSet(hash, chain.store.at(number), changed));
      }
      return sets;
    },
    state_subscribeStorage: (params, client) => {
      const keys = params.optionalHexList(0) ?? [];
      return client.subscribe('state_storage', (push) => {
        push(changeSet(chain.head.hash, chain.headState, keys));
        return chain.subscribe({
          head: ({ hash }, changed) => {
            const hit = keys.filter((key) => changed.has(key));
            if (hit.length > 0) push(changeSet(hash, chain.headState, hit));
          },
        });
      });
    },
    state_unsubscribeStorage: unsubscribe,
    state_subscribeRuntimeVersion: (_, client) =>
      client.subscribe('state_runtimeVersion', (push) => {
        push(versionJson());
        return () => undefined; // the runtime never changes while the chain runs
      }),
    state_unsubscribeRuntimeVersion: unsubscribe,
    chain_subscribeRuntimeVersion: (_, client) =>
      client.subscribe('state_runtimeVersion', (push) => {
        push(versionJson());
        return () => undefined;
      }),
    chain_unsubscribeRuntimeVersion: unsubscribe,
  };
}

function versionJson() {
  const version = runtimeVersion();
  return {
    specName: version.spec_name,
    implName: version.impl_name,
    authoringVersion: version.authoring_version,
    specVersion: version.spec_version,
    implVersion: version.impl_version,
    apis: version.apis.map(([id, number]) => [u8aToHex(id), number]),
    transactionVersion: version.transaction_version,
    stateVersion: version.system_version,
    systemVersion: version.system_version,
  };
}
