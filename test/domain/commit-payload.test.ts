import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  heartbeatCommit,
  minerHashCommit,
  readCommitPayload,
  signatureCommit,
  validatorHashCommit,
} from '../../domain/commit-payload.ts';

const modelHash = '2ff50b0a9fa15db290be56b00ccad6dd7d53b7342a00d103';
const signature = 'A'.repeat(86);
const location = { repo: 'r'.repeat(32), revision: '1234567' };
const hashed = { modelHash, version: 2150493, group: 0 };

describe('commit payloads as written', () => {
  test('are compact, with their keys in the order of the originals', () => {
    expect(signatureCommit(signature)).toBe(`{"m":"${signature}"}`);
    expect(minerHashCommit(hashed)).toBe(`{"e":0,"h":"${modelHash}","v":2150493}`);
    expect(validatorHashCommit(hashed)).toBe(`{"h":"${modelHash}","v":2150493,"e":0}`);
    expect(heartbeatCommit({ ...hashed, seed: 7 })).toBe(`{"h":"${modelHash}","v":2150493,"e":0,"s":7}`);
    expect(heartbeatCommit({ ...hashed, modelHash: null, seed: null })).toBe('{"v":2150493,"e":0}');
  });

  test('have the sizes of the golden vectors', () => {
    expect(validatorHashCommit({ ...hashed, location })).toHaveLength(128);
    expect(minerHashCommit({ ...hashed, location })).toHaveLength(128);
    expect(heartbeatCommit({ ...hashed, seed: null })).toHaveLength(74);
    expect(heartbeatCommit({ ...hashed, modelHash: null, seed: null })).toHaveLength(19);
    expect(signatureCommit(signature)).toHaveLength(94);
    expect(heartbeatCommit({ ...hashed, seed: 4_000_000_000 })).toHaveLength(89);
  });

  test('are refused where they would not fit, counted in UTF-8', () => {
    const longer = { ...location, repo: `${location.repo}r` };
    expect(() => minerHashCommit({ ...hashed, location: longer })).toThrow(
      expect.objectContaining({ code: 'OST_COMMIT_TOO_LONG' }),
    );
    const umlaut = { ...location, repo: `${'r'.repeat(31)}ü` };
    expect(() => minerHashCommit({ ...hashed, location: umlaut })).toThrow(
      expect.objectContaining({ code: 'OST_COMMIT_TOO_LONG' }),
    );
  });

  test.each([
    ['a hash in upper case', () => minerHashCommit({ ...hashed, modelHash: modelHash.toUpperCase() })],
    ['a negative version', () => validatorHashCommit({ ...hashed, version: -1 })],
    ['a broken group', () => validatorHashCommit({ ...hashed, group: 0.5 })],
    ['a short signature', () => signatureCommit('abc')],
  ])('are refused with %s', (_, build) => {
    expect(build).toThrow(expect.objectContaining({ code: 'OST_COMMIT_FIELD' }));
  });
});

describe('commit payloads as read', () => {
  test('come back as they were written', () => {
    expect(readCommitPayload(signatureCommit(signature))).toEqual({ kind: 'signature', signature });
    expect(readCommitPayload(minerHashCommit(hashed))).toEqual({ kind: 'hash', ...hashed, location: null });
    expect(readCommitPayload(validatorHashCommit({ ...hashed, location }))).toEqual({
      kind: 'hash',
      ...hashed,
      location,
    });
    expect(readCommitPayload(heartbeatCommit({ ...hashed, seed: 0 }))).toEqual({
      kind: 'heartbeat',
      ...hashed,
      seed: 0,
    });
    expect(readCommitPayload('{"v":1,"e":0}')).toEqual({
      kind: 'heartbeat',
      modelHash: null,
      version: 1,
      group: 0,
      seed: null,
    });
  });

  test('may be the older form: long names, spaces, nulls, unknown keys, upper-case hex', () => {
    const old = `{"model_hash": "${modelHash.toUpperCase()}", "signed_model_hash": null, "global_ver": 2150493, "expert_group": 0, "inner_opt": 5, "block": 9, "hf_repo_id": null}`;
    expect(readCommitPayload(old)).toEqual({ kind: 'hash', ...hashed, location: null });
    const validator = `{"m": null, "h": "${modelHash}", "v": 2150493, "e": 0, "s": 12345, "b": 77}`;
    expect(readCommitPayload(validator)).toEqual({ kind: 'heartbeat', ...hashed, seed: 12345 });
    expect(readCommitPayload(`{"signed_model_hash": "${signature}=="}`)).toEqual({ kind: 'signature', signature });
  });

  test('may be the predecessor’s: a miner’s without a version, a validator’s told by its seed', () => {
    expect(readCommitPayload(`{"expert_group":0,"model_hash":"${modelHash}"}`)).toEqual({
      kind: 'hash',
      ...hashed,
      version: 0,
      location: null,
    });
    const validator = `{"model_hash":"${modelHash}","model_version":2150493,"expert_group":0,"seed":77}`;
    expect(readCommitPayload(validator)).toEqual({ kind: 'heartbeat', ...hashed, seed: 77 });
  });

  test('may hold the first form’s nulls in every field that it does not use', () => {
    const miner = `{"block": 9, "expert_group": 0, "model_hash": "${modelHash}", "global_ver": 2150493, "signed_model_hash": "${signature}", "inner_opt": null, "hf_repo_id": null, "hf_revision": null}`;
    expect(readCommitPayload(miner)).toEqual({ kind: 'hash', ...hashed, location: null });
    const signed = `{"signed_model_hash": "${signature}", "model_hash": null, "global_ver": null, "expert_group": null}`;
    expect(readCommitPayload(signed)).toEqual({ kind: 'signature', signature });
  });

  test.each([
    ['x'.repeat(3000), 'too_long'],
    ['', 'no_json'],
    ['{"h":', 'no_json'],
    ['[]', 'no_object'],
    ['null', 'no_object'],
    ['"m"', 'no_object'],
    ['{}', 'nothing_known'],
    ['{"h":null,"m":null}', 'nothing_known'],
    ['{"m":"short"}', 'bad_field'],
    ['{"m":5}', 'bad_field'],
    [`{"h":"${modelHash}0","v":1,"e":0}`, 'bad_field'],
    [`{"h":"${modelHash}","v":1.5,"e":0}`, 'bad_field'],
    [`{"h":"${modelHash}","v":1}`, 'bad_field'],
    [`{"h":"${modelHash}","v":"1","e":0}`, 'bad_field'],
    [`{"h":"${modelHash}","v":1,"e":-1}`, 'bad_field'],
    [`{"h":"${modelHash}","v":1,"e":0,"s":"x"}`, 'bad_field'],
    ['{"__proto__":{"h":"a"}}', 'nothing_known'],
  ])('%s is malformed: %s', (text, reason) => {
    expect(readCommitPayload(text)).toMatchObject({ kind: 'malformed', reason });
  });

  test('never throw, whatever somebody committed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(['signature', 'hash', 'heartbeat', 'malformed']).toContain(readCommitPayload(text).kind);
      }),
    );
  });
});
