import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { nodeFlags } from '../../../adapters/processes/node-flags.ts';
import { passwordVariable } from '../../../adapters/wallet/hand-over.ts';
import { keepPassword, readPassword } from '../../../adapters/wallet/password.ts';

const password = 'correct-Horse-7-battery';
const address = '5EHgWw2Af1pnoc7f1A8bfmM97W3DAYW8xr82RfhLL9oAabAe';
const program = join(import.meta.dirname, 'children/ask.ts');

let folder = '';
let file = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-hand-over-'));
  file = join(folder, 'key');
  await copyFile(join(import.meta.dirname, '../../fixtures/wallets/4.1.1-ansible'), file);
  await chmod(file, 0o600);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the program and gives all that it wrote; on a terminal, that is all that the terminal showed. */
async function run(
  how: 'terminal' | 'pipe',
  answers: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const command = [process.execPath, ...nodeFlags, program, file];
  // script(1) gives its command a terminal and types what comes on its own standard input.
  const [name = '', ...args] = how === 'pipe' ? command : ['script', '-qec', command.join(' '), '/dev/null'];
  const child = spawn(name, args, {
    env: { PATH: '/usr/bin:/bin', TERM: 'dumb', NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = [...answers];
  let shown = '';
  let asked = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    const questions = shown.split('Password of').length - 1;
    for (; asked < questions; asked++) child.stdin.write(waiting.shift() ?? '\x03');
  });
  await once(child, 'close');
  return shown;
}

describe('the password of an encrypted key file', () => {
  test('is asked for on a terminal, is not shown, and serves the worker that follows', async () => {
    const shown = await run('terminal', [`${password}\r`]);
    expect(shown).toContain(`Password of ${file}: `);
    expect(shown).toContain(`key ${address} ${address} false`);
    expect(shown).not.toContain(password);
    expect(shown).not.toContain('Horse');
  });

  test('is asked for again where it was wrong, and can be corrected while it is typed', async () => {
    const shown = await run('terminal', ['wrong\r', `${password}äx\x7f\x7f\n`]);
    expect(shown.split('Password of')).toHaveLength(3);
    expect(shown).toContain(`key ${address}`);
    expect(shown).not.toContain('wrong');
  });

  test('is asked for three times at most', async () => {
    const shown = await run('terminal', ['one\r', 'two\r', 'three\r', `${password}\r`]);
    expect(shown).toContain('error OST_WALLET_PASSWORD');
    expect(shown.split('Password of')).toHaveLength(4);
  });

  test('may be refused with Ctrl-C', async () => {
    expect(await run('terminal', ['ab\x03'])).toContain('error OST_WALLET_PROMPT');
  });

  test('cannot be asked for without a terminal', async () => {
    expect(await run('pipe', [])).toBe('error OST_WALLET_ENCRYPTED\n');
  });

  test.each([password, `it's "a" $PASSWORD \\n with %s ünd`])(
    'comes from the environment as it is, which it leaves: %s',
    async (text) => {
      const shown = await run('pipe', [], { [passwordVariable]: text });
      expect(shown).toBe(text === password ? `key ${address} ${address} false\n` : 'error OST_WALLET_PASSWORD\n');
    },
  );

  test('leaves no file behind in which it was handed over', async () => {
    const names = await readdir('/dev/shm').catch(() => []);
    expect(names.filter((name) => name.startsWith('ostinato.'))).toEqual([]);
  });

  test.each([
    ['a line break', 'secret\n', 'secret'],
    ['two', 'secret\n\n', 'secret\n'],
    ['one of another system', 'secret\r\n', 'secret'],
    ['none', 'secret', 'secret'],
    ['spaces', ' secret ', ' secret '],
  ])('is what its file holds but for the last line break: %s', async (_name, content, expected) => {
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, content, { mode: 0o600 });
    const read = await readPassword({ file: passwordFile }, file);
    expect(read.password.toString()).toBe(expected);
    expect(read.typed).toBe(false);
  });

  test('is kept nowhere where there is no place for it', () => {
    expect(() => keepPassword({}, Buffer.from(password))).not.toThrow();
  });
});
