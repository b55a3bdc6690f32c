import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openLedger } from '../../../adapters/ledger/open.ts';
import type { ProtectedVector } from '../../../adapters/ledger/protection.ts';
import { initConfig } from '../../../config/init.ts';
import { blocks, type Hex, hotkey, netuid } from '../../../domain/units.ts';
import { runOstinato } from '../../stack/processes.ts';

const genesis: Hex = `0x${'2f'.repeat(32)}`;
const vector = (period: number, value: number): ProtectedVector => ({
  genesis,
  netuid: netuid(1),
  mecid: 0,
  hotkey: hotkey('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'),
  period: blocks(period),
  uids: [1, 2],
  values: [65535, value],
});

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-protection-'));
  await mkdir(join(folder, 'tmp'));
  for (const name of ['old', 'new']) {
    const place = join(folder, name);
    initConfig({ role: 'validator', hotkey: name, run: 'test', folder: place, values: { state_dir: folder } });
  }
  const ledger = await ledgerOf('old');
  for (const period of [70, 115, 160]) await ledger.protection.claim(vector(period, period));
  await ledger.close();
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const ledgerOf = (name: string) => openLedger({ file: join(folder, name, 'ledger.sqlite') });
const protection = (verb: string, name: string, ...args: readonly string[]) =>
  runOstinato(['protection', verb, ...args, '--path', join(folder, name)], folder);

describe('ostinato protection', () => {
  test('moves a record to another machine, in a file and through a pipe', async () => {
    const file = join(folder, 'history.json');
    const exported = await protection('export', 'old', '--output', file);
    expect(exported).toMatchObject({ code: 0, stdout: '', stderr: `3 periods of 1 hotkeys on ${genesis}.\n` });
    expect((await protection('export', 'old')).stdout).toBe(await readFile(file, 'utf8'));
    expect((await protection('export', 'old', '--output', file)).stderr).toContain('OST_PROTECTION_FILE_EXISTS');

    const imported = await protection('import', 'new', file);
    expect(imported.code).toBe(0);
    expect(imported.stdout).toContain('3 periods added, 0 known already.');
    const ledger = await ledgerOf('new');
    await expect(ledger.protection.claim(vector(70, 1))).rejects.toMatchObject({ code: 'OST_PROTECTION_CONFLICT' });
    await ledger.close();
    expect((await protection('import', 'new', file)).stdout).toContain('0 periods added, 3 known already.');
  }, 120_000);

  test('reports what an import sealed, and shows it', async () => {
    const other = await ledgerOf('old');
    const text = JSON.stringify({
      metadata: { interchange_format: 'ostinato-protection', interchange_format_version: '1', genesis },
      data: [
        {
          ...{ hotkey: vector(70, 1).hotkey, netuid: 1, mecid: 0, kind: 'cycle', complete_from: '0' },
          periods: [{ period: '115', uids: [1, 2], values: [65535, 9] }],
        },
      ],
    });
    await other.close();
    await writeFile(join(folder, 'other.json'), text);
    const imported = await protection('import', 'old', join(folder, 'other.json'));
    expect(imported.code).toBe(1);
    expect(imported.stdout).toMatch(/^SEALED \S+ subnet 1 mechanism 0 cycle period 115: 2 different vectors/m);
    const shown = await protection('show', 'old', '--period', '115');
    expect(shown.stdout).toContain('sealed: nothing may be signed');
    expect(shown.stdout).toContain('1:65535 2:115\n1:65535 2:9\n');
    const entries: unknown = JSON.parse((await protection('show', 'old', '--json', '--last', '2')).stdout);
    expect(entries).toMatchObject([
      { period: 160, sealed: false },
      { period: 115, sealed: true },
    ]);
  }, 120_000);

  test('refuses what is no history, and the history of another chain', async () => {
    const file = join(folder, 'bad.json');
    await writeFile(file, '{');
    expect(await protection('import', 'new', file)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('OST_PROTECTION_FILE'),
    });
    const text = await protection('export', 'old');
    await writeFile(file, text.stdout.replace(genesis, `0x${'8e'.repeat(32)}`));
    expect((await protection('import', 'new', file)).stderr).toContain('OST_PROTECTION_OTHER_GENESIS');
    expect((await protection('import', 'new', join(folder, 'none.json'))).stderr).toContain(
      'OST_PROTECTION_FILE_UNREADABLE',
    );
  }, 120_000);

  test('imports and exports while claims go on, and loses none of them', async () => {
    const file = join(folder, 'many.json');
    const source = await openLedger({ file: join(folder, 'source.sqlite') });
    for (let period = 1000; period < 1200; period++) await source.protection.claim(vector(period, period));
    const { formatInterchange } = await import('../../../adapters/ledger/protection-interchange.ts');
    await writeFile(file, formatInterchange(await source.protection.history({ genesis })));
    await source.close();

    const ledger = await ledgerOf('new');
    const commands = Promise.all([protection('import', 'new', file), protection('export', 'new')]);
    let done = false;
    void commands.finally(() => {
      done = true;
    });
    let claims = 0;
    for (let period = 5000; !done; period++) {
      expect(await ledger.protection.claim(vector(period, 1))).toBe('new');
      claims += 1;
      // A claim takes no turn of the event loop, which has to hear of the commands' ends.
      await pause(5);
    }
    const [imported, exported] = await commands;
    expect([imported.code, exported.code]).toEqual([0, 0]);
    expect(imported.stdout).toContain('200 periods added');
    expect(await ledger.protection.list({ from: blocks(5000) })).toHaveLength(claims);
    expect(await ledger.protection.list({ from: blocks(1000), to: blocks(1199) })).toHaveLength(200);
    await ledger.close();
  }, 120_000);
});
