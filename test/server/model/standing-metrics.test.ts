import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type StandingFacts, standingFacts } from '../../../domain/standing-facts.ts';
import { ServerFixture } from './fixture.ts';

let fixture: ServerFixture;
beforeEach(async () => {
  fixture = await ServerFixture.create();
});
afterEach(() => fixture.end());

const none = standingFacts({ latest: null, writes: [], agreements: [] });
const some: StandingFacts = {
  cycle: 7,
  endBlock: 559,
  submissions: 12,
  averageW: 0.187,
  missedPhases: 0,
  weightsSet: false,
  agreementRate: 0.75,
};

async function scrape(): Promise<string> {
  const answer = await fetch(`${fixture.url}/metrics`);
  expect(answer.status).toBe(200);
  return await answer.text();
}

describe('the metrics of a validator', () => {
  test('have the names, texts and types that an operator looks for', async () => {
    await fixture.start({ standing: async () => some });
    const text = await scrape();
    for (const line of [
      'eval_submissions_per_cycle 12',
      'eval_avg_w_i 0.187',
      'chain_set_weights_success 0',
      'consensus_agreement_rate 0.75',
      'ostinato_cycle_number 7',
      'ostinato_cycle_missed_phases 0',
    ]) {
      const [name] = line.split(' ');
      expect(text).toContain(`\n${line}\n`);
      expect(text).toMatch(new RegExp(`# HELP ${name} \\w.*\\n# TYPE ${name} gauge`));
    }
  });

  test('are absent as long as there is nothing to say, for a 0 would be an alarm', async () => {
    let facts = none;
    await fixture.start({ standing: async () => facts });
    expect(await scrape()).not.toMatch(/^(eval|chain|consensus|ostinato_cycle)_/m);
    facts = some;
    expect(await scrape()).toMatch(/^chain_set_weights_success 0$/m);
    facts = none;
    expect(await scrape()).not.toMatch(/^(eval|chain|consensus|ostinato_cycle)_/m);
  });

  test('of a ledger that cannot be read hide nothing else', async () => {
    await fixture.start({ standing: () => Promise.reject(new Error('locked')) });
    expect(await scrape()).toContain('# TYPE ostinato_server_requests_total counter');
    expect(fixture.lines).toContainEqual(expect.objectContaining({ event: 'standing_unread' }));
  });
});
