import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { temporaryFolders } from '../setup/processes.ts';
import { fakeCli, fakeGo, writeProgram } from '../setup/programs.ts';
import { testIf } from '../setup/test-if.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = temporaryFolders();

/** A checkout as small as the bootstrap allows, whose npm is a script that notes how it was called. */
function checkout() {
  const root = folder();
  for (const part of ['bin', 'domain/errors', 'domain/read-value.ts', 'adapters/processes', 'temporal']) {
    cpSync(join(ROOT, part), join(root, part), { recursive: true });
  }
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'package-lock.json'), '{"packages":{"":{},"node_modules/a":{"version":"1.0.0"}}}');
  mkdirSync(join(root, 'cli'));
  writeFileSync(
    join(root, 'cli', 'main.ts'),
    'console.log(JSON.stringify({ args: process.argv.slice(2), major: Number(process.versions.node.split(".")[0]) }));\n',
  );
  const tools = folder();
  const npm = writeProgram(
    join(tools, 'npm'),
    `echo "$1 $2 ONNX=$ONNXRUNTIME_NODE_INSTALL $(node --version)" >> "${tools}/calls"
     mkdir -p "${root}/node_modules"
     if [ -n "$FAIL_NPM" ]; then echo "npm error E404" >&2; exit 1; fi
     sleep 0.3`,
  );
  symlinkSync(process.execPath, join(tools, 'node'));
  const environment: NodeJS.ProcessEnv = {
    PATH: `${tools}:/usr/bin:/bin`,
    HOME: tools,
    XDG_CACHE_HOME: join(tools, 'cache'),
    TEMPORAL_CLI_PATH: fakeCli(join(tools, 'my-temporal'), '1.8.2'),
  };
  const calls = (): readonly string[] =>
    existsSync(join(tools, 'calls')) ? readFileSync(join(tools, 'calls'), 'utf8').trim().split('\n') : [];
  return { root, tools, npm, environment, calls };
}

/** The machine's own Node, where it is older than what Ostinato needs. */
const olderNode = ['/usr/bin/node', '/usr/local/bin/node'].find(
  (path) => existsSync(path) && /^v(20|21|22|23)\./.test(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout),
);

interface Result {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(at: ReturnType<typeof checkout>, node: string, script: string, ...args: readonly string[]) {
  const child = spawn(node, [join(at.root, 'bin', script), ...args], {
    env: at.environment,
    detached: true,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const result = once(child, 'close').then(([code, signal]): Result => ({ code, signal, stdout, stderr }));
  return { child, result };
}

const run = (at: ReturnType<typeof checkout>, script: string, ...args: readonly string[]): Promise<Result> =>
  start(at, process.execPath, script, ...args).result;

describe('the bootstrap', () => {
  test('installs what is missing under Node 24, without install scripts that download or compile, and goes on', async () => {
    const at = checkout();
    const first = await run(at, 'bootstrap.mjs', 'demo', '--cycles', '1');
    expect(JSON.parse(first.stdout)).toEqual({ args: ['demo', '--cycles', '1'], major: 24 });
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('Installing the dependencies (npm ci)') });
    expect(at.calls()).toEqual([expect.stringMatching(/^ci --ignore-scripts ONNX=skip v24\./)]);
  });

  test('installs again only after the lock file has changed', async () => {
    const at = checkout();
    await run(at, 'bootstrap.mjs', 'demo');
    expect((await run(at, 'bootstrap.mjs', 'demo')).stderr).toBe('');
    expect(at.calls()).toHaveLength(1);
    writeFileSync(join(at.root, 'package-lock.json'), '{"packages":{"":{},"node_modules/a":{"version":"1.0.1"}}}');
    await run(at, 'bootstrap.mjs', 'demo');
    expect(at.calls()).toHaveLength(2);
  });

  test('leaves an installation alone that somebody else made for the same lock file', async () => {
    const at = checkout();
    mkdirSync(join(at.root, 'node_modules'));
    cpSync(join(at.root, 'package-lock.json'), join(at.root, 'node_modules', '.package-lock.json'));
    expect(await run(at, 'ostinato.mjs', 'status')).toMatchObject({ code: 0, stderr: '' });
    expect(at.calls()).toEqual([]);
  });

  test('installs once where two are started at the same time', async () => {
    const at = checkout();
    const both = await Promise.all([run(at, 'bootstrap.mjs', 'demo'), run(at, 'bootstrap.mjs', 'demo')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(at.calls()).toHaveLength(1);
  });

  test('respects a choice for the ONNX Runtime that was made before', async () => {
    const at = checkout();
    at.environment['ONNXRUNTIME_NODE_INSTALL'] = 'cuda12';
    await run(at, 'bootstrap.mjs', 'demo');
    expect(at.calls()).toEqual([expect.stringMatching(/^ci --no-audit ONNX=cuda12/)]);
  });

  test('shows npm’s own words where it fails, and no stack of ours', async () => {
    const at = checkout();
    at.environment['FAIL_NPM'] = 'yes';
    const { code, stderr } = await run(at, 'bootstrap.mjs', 'demo');
    expect(code).toBe(1);
    expect(stderr).toContain('npm error E404');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('builds the Temporal CLI beside the installation where there is none', async () => {
    const at = checkout();
    delete at.environment['TEMPORAL_CLI_PATH'];
    fakeGo(at.tools, { seconds: 1 });
    const { code, stderr } = await run(at, 'bootstrap.mjs', 'demo');
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('Building Temporal CLI 1.8.2') });
    expect(readdirSync(join(at.tools, 'cache/ostinato/temporal-cli'))).toContain('temporal-1.8.2');
    // Begun before the dependencies were there.
    expect(stderr.indexOf('Fetching the sources')).toBeLessThan(stderr.indexOf('The dependencies are installed'));
  });

  test('passes exit codes out and signals in', async () => {
    const at = checkout();
    const main = `
      if (process.argv[2] === 'fail') process.exit(7);
      process.on('SIGTERM', () => { console.log('ending'); process.exit(5); });
      console.log('up');
      setInterval(() => {}, 1000);
    `;
    writeFileSync(join(at.root, 'cli', 'main.ts'), main);
    expect(await run(at, 'ostinato.mjs', 'fail')).toMatchObject({ code: 7 });
    const { child, result } = start(at, process.execPath, 'ostinato.mjs', 'stay');
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await result).toMatchObject({ code: 5, signal: null, stdout: 'up\nending\n' });
  });

  testIf(olderNode !== undefined, 'no Node older than 24 on this machine')(
    'brings Node 24 once where two start under an older one, passing signals and exit codes through',
    async () => {
      const at = checkout();
      const bin =
        'node_modules/node-$(uname -s | tr A-Z a-z)-$(uname -m | sed s/x86_64/x64/ | sed s/aarch64/arm64/)/bin';
      writeProgram(
        join(at.tools, 'npm'),
        `case "$1" in
           install) mkdir -p "$3/${bin}"; ln -s "${process.execPath}" "$3/${bin}/node"; echo "$8 $9" >> "${at.tools}/calls" ;;
           ci) mkdir -p "${at.root}/node_modules" ;;
         esac`,
      );
      rmSync(join(at.tools, 'node'));
      const main = `
        process.on('SIGTERM', () => process.exit(5));
        console.log('up ' + process.versions.node.split('.')[0]);
        setInterval(() => {}, 1000);
      `;
      writeFileSync(join(at.root, 'cli', 'main.ts'), main);
      const both = [0, 1].map(() => start(at, olderNode ?? '', 'ostinato.mjs'));
      await Promise.all(both.map(({ child }) => once(child.stdout, 'data')));
      for (const { child } of both) child.kill('SIGTERM');
      for (const { result } of both) expect(await result).toMatchObject({ code: 5, stdout: 'up 24\n' });
      expect(at.calls().every((call) => call.includes('node-'))).toBe(true);
      expect(readdirSync(join(at.tools, 'cache/ostinato/node'))).toEqual(['24.21.0']);
    },
  );

  test('refuses a command that it does not know', async () => {
    const at = checkout();
    expect(await run(at, 'bootstrap.mjs', 'tset')).toMatchObject({
      code: 1,
      stderr: '"tset" is none of: demo, test, check, docs, conformance, faults.\n',
    });
  });
});

test('the scripts of package.json and the CI script call the bootstrap', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  expect(scripts).toMatchObject({
    start: 'node bin/bootstrap.mjs demo',
    test: 'node bin/bootstrap.mjs test',
    check: 'node bin/bootstrap.mjs check',
  });
  const ci = readFileSync(join(ROOT, '.ci', 'run'), 'utf8');
  expect(ci).toMatch(/^npm run check$/m);
  expect(ci).toMatch(/^npm test\b/m);
});
