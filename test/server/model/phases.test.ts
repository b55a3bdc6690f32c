import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { fail } from '../../../domain/errors/error.ts';
import { schedules } from '../../../domain/phases.ts';
import { blocks } from '../../../domain/units.ts';
import { people, ServerFixture } from './fixture.ts';

let fixture: ServerFixture;
let whitelist: (() => Promise<readonly (typeof people.peer.hotkey)[]>) | null = null;
beforeAll(async () => {
  fixture = await ServerFixture.create();
  const { chain } = fixture.deps();
  await fixture.start({
    token: 'secret',
    schedule: () => schedules['connito-500'],
    chain: { ...chain, validators: () => (whitelist ?? chain.validators)() },
  });
  fixture.head = blocks(12_345);
});
afterAll(() => fixture.end());

const get = async (path: string) => {
  const answer = await request(`${fixture.url}${path}`);
  return { status: answer.statusCode, body: await answer.body.json() };
};

describe('the routes of an owner’s phase service', () => {
  test('are open, and say of a block what the originals’ say', async () => {
    expect(await get('/get_phase')).toEqual({
      status: 200,
      body: {
        block: 12345,
        cycle_length: 500,
        cycle_index: 24,
        cycle_block_index: 345,
        phase_name: 'Submission',
        phase_index: 4,
        phase_start_block: 12340,
        phase_end_block: 12419,
        blocks_into_phase: 5,
        blocks_remaining_in_phase: 74,
      },
    });
    expect(await get('/previous_phase_blocks')).toMatchObject({
      status: 200,
      body: { Submission: [12340, 12419], Validate: [11920, 11929] },
    });
    expect(await get('/blocks_until_next_phase')).toMatchObject({
      status: 200,
      body: { Submission: [12840, 12919, 495], Validate: [12420, 12429, 75] },
    });
    expect(await get('/get_init_peer_id')).toEqual({ status: 200, body: [] });
    expect(await get('/get_validator_whitelist')).toEqual({ status: 200, body: [people.peer.hotkey] });
  });

  test('have the schedule at their root, beside what a model server says of itself', async () => {
    const { body } = await get('/');
    expect(body).toMatchObject({
      cycle_length: 500,
      hotkey: people.validator.hotkey,
      endpoints: expect.arrayContaining(['/get_phase', '/submit']),
    });
    expect(body).toHaveProperty('phases.4', { index: 4, name: 'Submission', length: 80 });
  });

  test('never say that there are no validators because the chain cannot be read', async () => {
    whitelist = () => Promise.reject(fail('OST_CHAIN_TIMEOUT', { endpoint: 'ws://inside', method: 'x', timeoutMs: 5 }));
    expect(await get('/get_validator_whitelist')).toMatchObject({
      status: 503,
      body: { code: 'OST_HTTP_UNAVAILABLE' },
    });
    whitelist = null;
  });
});
