import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { projectRoot } from '../../config/paths.ts';
import { temporaryFolders } from '../setup/processes.ts';

const folder = temporaryFolders();

/** A project whose program says which of its package's two files it was given. */
function project() {
  const root = folder();
  const cache = folder();
  const installed = join(root, 'node_modules');
  mkdirSync(join(root, 'bin'));
  copyFileSync(join(projectRoot, 'bin', 'quick-modules.mjs'), join(root, 'bin', 'quick-modules.mjs'));
  mkdirSync(join(installed, 'inner'), { recursive: true });
  writeFileSync(join(installed, 'inner', 'first.js'), "module.exports = 'first';");
  writeFileSync(join(installed, 'inner', 'second.js'), "module.exports = 'second';");
  mkdirSync(join(installed, 'outer'));
  writeFileSync(join(installed, 'outer', 'package.json'), '{"main":"main.js","version":"7.0.0"}');
  writeFileSync(
    join(installed, 'outer', 'main.js'),
    "module.exports = require('inner') + ' of ' + require('./package.json').version;",
  );
  writeFileSync(join(root, 'main.mjs'), "import said from 'outer';\nconsole.log(said);");
  const choose = (main: string): void =>
    writeFileSync(join(installed, 'inner', 'package.json'), JSON.stringify({ main }));
  const install = (second: number): void => {
    writeFileSync(join(installed, '.package-lock.json'), '{}');
    utimesSync(join(installed, '.package-lock.json'), second, second);
  };
  choose('first.js');
  install(1);
  const run = (compiled: string | null = join(cache, 'compiled')): string => {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', join(root, 'bin', 'quick-modules.mjs'), join(root, 'main.mjs')],
      { env: compiled === null ? {} : { NODE_COMPILE_CACHE: compiled }, encoding: 'utf8' },
    );
    return `${stdout}${stderr}`.trim();
  };
  const remembered = (): string => {
    const [name = ''] = readdirSync(join(cache, 'resolved'));
    return join(cache, 'resolved', name);
  };
  return { cache, choose, install, run, remembered, root };
}

describe('what names in node_modules stand for', () => {
  test('is remembered until something else is installed', () => {
    const { choose, install, run } = project();
    expect(run()).toBe('first of 7.0.0');
    choose('second.js');
    expect(run()).toBe('first of 7.0.0');
    install(2);
    expect(run()).toBe('second of 7.0.0');
    expect(run()).toBe('second of 7.0.0');
  });

  test('is found out each time where nothing is kept', () => {
    const { cache, choose, run } = project();
    const nowhere = join(cache, 'not a folder', 'compiled');
    writeFileSync(join(cache, 'not a folder'), '');
    for (const compiled of [null, nowhere]) {
      choose('first.js');
      expect(run(compiled)).toBe('first of 7.0.0');
      choose('second.js');
      expect(run(compiled)).toBe('second of 7.0.0');
    }
  });

  test('is found out anew where what was kept is torn', () => {
    const { run, remembered } = project();
    run();
    const whole = readFileSync(remembered(), 'utf8');
    for (const text of ['', whole.slice(0, whole.length / 2), '{"installed":"1000 2"}', 'null']) {
      writeFileSync(remembered(), text);
      expect(run()).toBe('first of 7.0.0');
    }
  });

  test('lies within node_modules, whatever was written there', () => {
    const { run, remembered, root } = project();
    run();
    const whole = readFileSync(remembered(), 'utf8');
    writeFileSync(join(root, 'evil.js'), "module.exports = 'evil';");
    const modules = pathToFileURL(join(root, 'node_modules')).href;
    for (const url of [pathToFileURL(join(root, 'evil.js')).href, `${modules}/../evil.js`, `${modules}/%2e./evil.js`]) {
      const changed = whole.replaceAll(`${modules}/inner/first.js`, url);
      expect(changed).not.toBe(whole);
      writeFileSync(remembered(), changed);
      expect(run()).toBe('first of 7.0.0');
    }
  });
});
