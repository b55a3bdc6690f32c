import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { makePrivateFolder } from '../../../adapters/model/private-folder.ts';
import { temporaryFolders } from '../../setup/processes.ts';

const folder = temporaryFolders();
const module = new URL('../../../adapters/model/private-folder.ts', import.meta.url).href;

/** A process that has made a folder, with a file in it, and lives. */
async function owner(parent: string) {
  const program = `
    import { writeFileSync } from 'node:fs';
    import { makePrivateFolder } from ${JSON.stringify(module)};
    const made = await makePrivateFolder('evaluator', ${JSON.stringify(parent)});
    writeFileSync(made + '/weights', 'a copy');
    console.log(made);
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { made: String(line).trim(), kill };
}

describe('a private folder', () => {
  test('is for this user alone, and of its own', async () => {
    const parent = folder();
    const [one, other] = [await makePrivateFolder('evaluator', parent), await makePrivateFolder('evaluator', parent)];
    expect(one).not.toBe(other);
    expect(statSync(one).mode & 0o777).toBe(0o700);
  });

  test('that a killed process left goes with the next one, those of the living stay', async () => {
    const parent = folder();
    const [killed, living] = await Promise.all([owner(parent), owner(parent)]);
    await killed.kill();
    expect(existsSync(join(killed.made, 'weights'))).toBe(true);
    const made = await makePrivateFolder('trainer', parent);
    expect(
      readdirSync(parent)
        .map((name) => join(parent, name))
        .toSorted(),
    ).toEqual([living.made, made].toSorted());
    await living.kill();
  });

  test('is none that is only called so: of another space of process ids, a file, or something else', async () => {
    const parent = folder();
    mkdirSync(join(parent, 'ostinato-evaluator.1.1.nobody.abc'));
    mkdirSync(join(parent, 'ostinato-config-abc'));
    const own = await makePrivateFolder('evaluator', parent);
    const ended = own.replace(/\.[1-9]\d*\.[^.]+\.[^.]+$/, '.1.nobody.abc');
    writeFileSync(ended, 'a file');
    const before = readdirSync(parent).length;
    await makePrivateFolder('evaluator', parent);
    expect(readdirSync(parent)).toHaveLength(before + 1);
  });
});
