import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { standingFacts } from '../../domain/standing-facts.ts';
import { serverMetrics } from '../../server/model/metrics.ts';
import { standingMetrics } from '../../server/model/standing-metrics.ts';
import { testIf } from '../setup/test-if.ts';

const folder = join(import.meta.dirname, '../../docs/alerts');
const rules = readFileSync(join(folder, 'ostinato.rules.yaml'), 'utf8');
const tests = readFileSync(join(folder, 'ostinato.rules.test.yaml'), 'utf8');
const alerts = [...rules.matchAll(/alert: (\w+)/g)].map(([, name]) => name ?? '');

const promtool = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((place) => join(place, 'promtool'))
  .find(existsSync);

describe('the alert rules', () => {
  test('go by metrics that the model server shows', () => {
    const registry = new Registry();
    serverMetrics(registry);
    standingMetrics(registry, async () => standingFacts({ latest: null, writes: [], agreements: [] }));
    const known = new Set(registry.getMetricsAsArray().map(({ name }) => name));
    const used = [...rules.matchAll(/expr: (.*)/g)].flatMap(
      ([, text = '']) => text.match(/[a-z]+(?:_[a-z_]+)+/g) ?? [],
    );
    expect(used.length).toBeGreaterThan(3);
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  });

  test('each have a test that sees them fire, and a line in the documentation', () => {
    const page = readFileSync(join(folder, '../alerts.md'), 'utf8');
    expect(alerts).toHaveLength(5);
    for (const name of alerts) {
      expect(tests).toMatch(
        new RegExp(`alertname: ${name}\\n\\s+eval_time: \\S+\\n\\s+exp_alerts:\\n\\s+- exp_labels`),
      );
      expect(page).toContain(`\`${name}\``);
    }
  });

  testIf(promtool !== undefined, "needs promtool, which is in Debian's package prometheus")(
    'pass the tests that promtool runs',
    async () => {
      const run = promisify(execFile);
      const checked = await run(promtool ?? '', ['check', 'rules', join(folder, 'ostinato.rules.yaml')]);
      expect(checked.stdout).toContain('SUCCESS: 5 rules found');
      const tested = await run(promtool ?? '', ['test', 'rules', join(folder, 'ostinato.rules.test.yaml')]);
      expect(tested.stdout).toContain('SUCCESS');
    },
  );
});
