import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { fail } from '../../../domain/errors/error.ts';
import { people, ServerFixture } from './fixture.ts';

let fixture: ServerFixture;
beforeEach(async () => {
  fixture = await ServerFixture.create();
});
afterEach(() => fixture.end());

async function ask(path: string, headers: Readonly<Record<string, string>> = {}) {
  const { statusCode, body, headers: answered } = await request(`${fixture.url}${path}`, { headers });
  return { status: statusCode, headers: answered, text: await body.text() };
}

describe('a server with a token', () => {
  test('opens /ping, /health and the phases to all, and nothing else', async () => {
    await fixture.start({ token: 'geheim' });
    expect(await ask('/ping')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    expect(JSON.parse((await ask('/health')).text)).toEqual({
      status: 'ok',
      hotkey: people.validator.hotkey,
      model_version: 658,
      model_hash: fixture.manifest.hash,
    });
    expect((await ask('/get_phase')).status).toBe(200);
    for (const path of [
      '/metrics',
      '/model/full',
      '/model/partial',
      '/model/get-checkpoint',
      '/get_phase/x',
      '/ping/x',
      '//ping',
    ]) {
      const without = await ask(path);
      expect([path, without.status, JSON.parse(without.text).code]).toEqual([path, 401, 'OST_HTTP_UNAUTHORIZED']);
      expect(without.headers['www-authenticate']).toBe('Bearer');
      const wrong = await ask(path, { authorization: 'Bearer geheim1' });
      expect([path, wrong.status, JSON.parse(wrong.text).code]).toEqual([path, 403, 'OST_HTTP_WRONG_TOKEN']);
    }
    const right = await ask(`/model/partial?group=0&${fixture.query(people.miner)}`, {
      authorization: 'Bearer geheim',
    });
    expect(right.status).toBe(200);
  });

  test('does not take the token from the query', async () => {
    await fixture.start({ token: 'geheim' });
    expect((await ask('/metrics?token=geheim&authorization=Bearer%20geheim')).status).toBe(401);
  });
});

describe('metrics', () => {
  test('count answers by route, status and code, never by path', async () => {
    await fixture.start();
    await ask('/no/such/path');
    await ask(`/model/partial?group=0&${fixture.query(people.stranger)}`);
    const { status, text } = await ask('/metrics');
    expect(status).toBe(200);
    expect(text).toContain(
      'ostinato_server_requests_total{route="unknown",method="GET",status="404",code="OST_HTTP_NOT_FOUND"} 1',
    );
    expect(text).toContain('route="/model/partial",method="GET",status="403",code="OST_HTTP_NOT_REGISTERED"} 1');
    expect(text).toContain('ostinato_server_model_version 658');
    expect(text).not.toContain('such');
  });
});

describe('what goes wrong inside', () => {
  test('is told to nobody outside, and logged', async () => {
    await fixture.start({
      chain: {
        head: () => Promise.reject(new Error('secret address of the chain')),
        registration: async () => null,
        validators: async () => [],
        committed: async () => null,
      },
    });
    const answer = await ask(`/model/partial?group=0&${fixture.query(people.miner)}`);
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([500, 'OST_HTTP_INTERNAL']);
    expect(answer.text).not.toContain('secret');
    expect(JSON.stringify(fixture.lines)).toContain('secret address');
  });

  test('and passes by itself is said to do so', async () => {
    const params = { endpoint: 'ws://inside:9944', method: 'x', timeoutMs: 5 };
    await fixture.start({
      chain: {
        head: () => Promise.reject(fail('OST_CHAIN_TIMEOUT', params)),
        registration: async () => null,
        validators: async () => [],
        committed: async () => null,
      },
    });
    const answer = await ask(`/model/partial?group=0&${fixture.query(people.miner)}`);
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([503, 'OST_HTTP_UNAVAILABLE']);
    expect(answer.text).not.toContain('inside');
  });

  test('on its disk is an answer of its own', async () => {
    await fixture.start();
    const ref = fixture.manifest.parts[1]?.ref;
    await fixture.store.remove(ref?.digest ?? '');
    const answer = await ask(`/model/partial?group=0&${fixture.query(people.miner)}`);
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([503, 'OST_ARTIFACT_MISSING']);
  });

  test('signatures never reach the log', async () => {
    await fixture.start();
    const query = fixture.query(people.miner);
    await ask(`/model/partial?group=0&${query}`);
    await ask(`/model/other?${query}`);
    const signature = new URLSearchParams(query).get('signature') ?? '';
    expect(signature).toHaveLength(86);
    expect(JSON.stringify(fixture.lines)).not.toContain(signature);
  });
});
