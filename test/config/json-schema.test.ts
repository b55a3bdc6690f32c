import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { jsonSchema } from '../../config/json-schema.ts';
import { deploymentRoles } from '../../config/roles.ts';
import { renderConfig } from '../../config/template.ts';
import { seedFile } from './folder.ts';

const validator = (role: 'validator' | 'miner') => new Ajv({ strict: false }).compile(jsonSchema(role));

describe("the editors' schema", () => {
  test("accepts seed 000's file and what config init writes", () => {
    const check = validator('validator');
    expect(check(parse(seedFile))).toBe(true);
    for (const role of deploymentRoles) {
      const text = renderConfig(role, '/tmp', new Map());
      expect(validator(role)(parse(text))).toBe(true);
    }
  });

  test.each([
    [{ netuid: 'x' }],
    [{ netuit: 1 }],
    [{ wallet: { nam: 'x' } }],
    [{ schedule: [1, 2, 3] }],
    [{ schedule: 'weekly' }],
    [{ chain_endpoint: [] }],
    [{ chain_endpoint: 'http://x' }],
  ])('refuses %j', (tree) => {
    expect(validator('validator')(tree)).toBe(false);
  });

  test.each([
    [{ schedule: [1, 2, 3, 4, 5, 6, 7, 8, 9] }],
    [{ chain_endpoint: ['ws://a', 'ws://b'] }],
    [{ wallet: null }],
  ])('accepts %j', (tree) => {
    expect(validator('validator')(tree)).toBe(true);
  });

  test('describes every property', () => {
    const nodes = (schema: unknown): readonly object[] => {
      if (typeof schema !== 'object' || schema === null || !('properties' in schema)) return [];
      const children = Object.values(schema.properties as Record<string, object>);
      return [...children, ...children.flatMap(nodes)];
    };
    for (const role of deploymentRoles) {
      const found = nodes(jsonSchema(role));
      expect(found.length).toBeGreaterThan(20);
      for (const node of found) expect(node).toHaveProperty('description', expect.stringMatching(/\.$/));
    }
  });
});
