import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Metadata, TypeRegistry } from '@polkadot/types';
import { u8aToHex } from '@polkadot/util';
import { signedExtensions } from '../../../devnet/chain/declaration/extensions.ts';
import { declareRuntime } from '../../../devnet/chain/declaration/runtime.ts';
import { encodeMetadata } from '../../../devnet/chain/metadata/metadata.ts';
import { type TypeField, type TypeNode, typeName } from '../../../devnet/chain/scale/codec.ts';
import type { Fields } from '../../../devnet/chain/scale/composite.ts';

interface PalletInterface {
  readonly index: number;
  readonly calls: readonly { readonly name: string; readonly index: number; readonly args: readonly string[] }[];
  readonly storage?: readonly StorageInterface[];
  readonly constants: readonly { readonly name: string; readonly type: string; readonly value: unknown }[];
  readonly errors: readonly string[];
  readonly events: readonly string[];
}
interface StorageInterface {
  readonly name: string;
  readonly modifier: string;
  readonly hashers?: readonly string[];
  readonly key?: string;
  readonly value: string;
  readonly default?: string;
}
interface Interface {
  readonly signedExtensions: readonly unknown[];
  readonly palletIndexes: Readonly<Record<string, number>>;
  readonly pallets: Readonly<Record<string, PalletInterface>>;
  readonly runtimeApis: readonly { readonly name: string; readonly methods: readonly string[] }[];
  readonly types: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/subtensor-424-interface.json', import.meta.url), 'utf8'),
) as Interface;
const runtime = declareRuntime();

/** Type names as the fixture writes them: generic parameters only where they tell two uses apart. */
const GENERIC = new Set(['Option', 'BoundedVec', 'Compact', 'Vec']);
function fixtureName(node: TypeNode): string {
  switch (node.kind) {
    case 'compact':
      return `Compact<${fixtureName(node.of)}>`;
    case 'sequence':
      return `Vec<${fixtureName(node.of)}>`;
    case 'array':
      return `[${fixtureName(node.of)};${node.length}]`;
    case 'tuple':
      return `(${node.of.map(fixtureName).join(',')})`;
    case 'primitive':
      return node.name;
    default: {
      const name = node.path.at(-1) ?? '';
      const params = node.params.flatMap(({ type }) => (type === null ? [] : [fixtureName(type)]));
      return GENERIC.has(name) ? `${name}<${params.join(',')}>` : name;
    }
  }
}
const fieldText = ([name, codec]: [string, Fields[string]]) =>
  /^\d+$/.test(name) ? fixtureName(codec.type) : `${name}:${fixtureName(codec.type)}`;

const described = runtime.pallets.filter(({ name }) => fixture.pallets[name] !== undefined);

describe('the declaration of the runtime', () => {
  test('gives every pallet the index that it has in Subtensor 424', () => {
    expect(Object.fromEntries(runtime.pallets.map(({ name, index }) => [name, index]))).toEqual(
      Object.fromEntries(runtime.pallets.map(({ name }) => [name, fixture.palletIndexes[name]])),
    );
  });

  test('covers the pallets that the interface describes', () => {
    expect(described.map(({ name }) => name)).toEqual([
      'System',
      'Timestamp',
      'Balances',
      'SubtensorModule',
      'Utility',
      'Commitments',
      'Drand',
      'MevShield',
    ]);
  });

  test.each(described.map((pallet) => [pallet.name, pallet] as const))('agrees with %s', (name, pallet) => {
    const expected = fixture.pallets[name];
    const calls = pallet.calls.map((call) => ({
      name: call.name,
      index: call.index,
      args: Object.entries(call.args).map(([arg, codec]) => `${arg}: ${fixtureName(codec.type)}`),
    }));
    const storage = pallet.storage.map((entry): StorageInterface => {
      const keys = entry.keys.map(({ codec }) => fixtureName(codec.type));
      return {
        name: entry.name,
        modifier: entry.modifier,
        ...(keys.length > 0 && {
          hashers: entry.keys.map(({ hasher }) => hasher),
          key: keys.length === 1 ? keys.join() : `(${keys.join(',')})`,
        }),
        value: fixtureName(entry.value.type),
        ...(entry.modifier === 'Default' && { default: u8aToHex(entry.fallback) }),
      };
    });
    const errors = pallet.errors.map(({ name: error, index }) => `${index}:${error}`);
    const events = pallet.events.map(
      ({ name: event, index, fields }) => `${index}:${event}(${Object.entries(fields).map(fieldText).join(', ')})`,
    );

    expect(expected?.calls ?? []).toEqual(expect.arrayContaining(calls));
    // A default that the fixture leaves out is a struct's; those are compared by their type.
    const known = new Map((expected?.storage ?? []).map((entry) => [entry.name, entry]));
    expect(storage.map(({ default: value, ...entry }) => entry)).toEqual(
      storage.map((entry) => {
        const { default: _, ...rest } = known.get(entry.name) ?? { default: undefined };
        return rest;
      }),
    );
    const defaults = storage.flatMap((entry) => {
      const value = known.get(entry.name)?.default;
      return value === undefined ? [] : [[entry.name, entry.default, value]];
    });
    expect(defaults.map(([entry, ours]) => [entry, ours])).toEqual(
      defaults.map(([entry, , theirs]) => [entry, theirs]),
    );
    expect(errors.length === 0 ? [] : expected?.errors).toEqual(errors);
    expect(expected?.events ?? []).toEqual(expect.arrayContaining(events));
  });

  test('has the constants of Subtensor 424', () => {
    const registry = new TypeRegistry();
    const metadata = new Metadata(registry, u8aToHex(encodeMetadata(runtime, 15)));
    registry.setMetadata(metadata, undefined, undefined, true);
    for (const { name, constants } of metadata.asLatest.pallets) {
      for (const constant of constants) {
        const pallet = fixture.pallets[name.toString()];
        if (pallet === undefined) continue;
        const expected = pallet.constants.find((each) => each.name === constant.name.toString());
        if (expected?.value === '…') continue; // too long for the fixture
        const value = registry.createType(registry.lookup.getTypeDef(constant.type).type, constant.value.toU8a(true));
        expect([constant.name.toString(), value.toJSON()]).toEqual([expected?.name, expected?.value]);
      }
    }
  });

  test('has the signed extensions of Subtensor 424, in their order', () => {
    const flat = (type: TypeNode) => {
      if (type.kind !== 'composite') return fixtureName(type);
      return type.path.at(-1) === 'H256'
        ? 'H256'
        : (type.fields.map((field: TypeField) => fixtureName(field.type))[0] ?? '()');
    };
    expect(
      signedExtensions.map(({ identifier, extra, additional }) => ({
        identifier,
        extra: flat(extra),
        additionalSigned: flat(additional),
      })),
    ).toEqual(fixture.signedExtensions);
  });

  test('has the runtime APIs of Subtensor 424, with their arguments and results', () => {
    const described = new Map(fixture.runtimeApis.map(({ name, methods }) => [name, methods]));
    const methods = Object.values(runtime.methods).filter(({ api }) => described.has(api));
    expect(methods.length).toBeGreaterThan(10);
    for (const { api, name, inputs, output } of methods) {
      const args = Object.entries(inputs).map(([arg, codec]) => `${arg}: ${fixtureName(codec.type)}`);
      expect(described.get(api)).toContain(`${name}(${args.join(', ')}) -> ${fixtureName(output.type)}`);
    }
  });

  test('gives every struct and enum the fields that it has in Subtensor 424', () => {
    const seen = new Map<string, TypeNode>();
    const walk = (node: TypeNode): void => {
      if (seen.has(typeName(node, true))) return;
      seen.set(typeName(node, true), node);
      switch (node.kind) {
        case 'compact':
        case 'sequence':
        case 'array':
          walk(node.of);
          break;
        case 'tuple':
          node.of.forEach(walk);
          break;
        case 'composite':
          for (const { type } of node.fields) walk(type);
          break;
        case 'variant':
          for (const { type } of node.variants.flatMap(({ fields }) => fields)) walk(type);
      }
    };
    for (const pallet of runtime.pallets) {
      for (const { value } of pallet.storage) walk(value.type);
      for (const { fields } of pallet.events) for (const codec of Object.values(fields)) walk(codec.type);
      for (const { args } of pallet.calls) for (const codec of Object.values(args)) walk(codec.type);
    }
    for (const { output } of Object.values(runtime.methods)) walk(output.type);

    const compared: string[] = [];
    for (const node of seen.values()) {
      if (node.kind !== 'composite') continue;
      const name = node.path.at(-1) ?? '';
      const expected = fixture.types[name];
      if (expected === undefined || 'enum' in expected || node.fields[0]?.name === null) continue;
      if (name === 'PerDispatchClass') continue; // one name for two types
      compared.push(name);
      expect([
        name,
        Object.fromEntries(node.fields.map(({ name: field, type }) => [field, fixtureName(type)])),
      ]).toEqual([name, expected]);
    }
    expect(compared).toEqual(expect.arrayContaining(['AxonInfo', 'Metagraph', 'SelectiveMetagraph', 'NeuronInfoLite']));
  });
});

describe('the metadata', () => {
  test.each([14, 15] as const)('in version %s are understood by a client, with every type resolved', (version) => {
    const registry = new TypeRegistry();
    const metadata = new Metadata(registry, u8aToHex(encodeMetadata(runtime, version)));
    registry.setMetadata(metadata, undefined, undefined, true);
    expect(metadata.version).toBe(version);
    expect(metadata.getUniqTypes(true)).not.toHaveLength(0);
  });
});
