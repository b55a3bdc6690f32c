import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isatty } from 'node:tty';

/** The password of an encrypted hotkey file. */
export const passwordVariable = 'OSTINATO_WALLET_PASSWORD';
/** What it becomes: the number of an open file that holds it. */
export const passwordFdVariable = 'OSTINATO_WALLET_PASSWORD_FD';

/** A folder in memory where there is one: what is written there never reaches a disk. */
const memoryFolder = (): string => (existsSync('/dev/shm') ? '/dev/shm' : tmpdir());

/**
 * Puts the variable's value into an open file without a name, and goes on as the same program without the variable.
 * printf is the shell's own, so that the password is on no command line.
 */
const script = `
umask 077
file=$(mktemp "$0/ostinato.XXXXXXXXXX") || exit 1
printf %s "$${passwordVariable}" >"$file" || exit 1
exec 9<>"$file"
rm -f "$file"
unset ${passwordVariable}
${passwordFdVariable}=9
export ${passwordFdVariable}
exec "$@"`;

/**
 * Rids this process of a password in its environment, which lies in its memory from its first moment on and could not
 * be wiped: the process is replaced by itself, and the password is in an open file that only the signing worker reads.
 * Returns where there is none.
 */
export function movePasswordOutOfEnvironment(): void {
  if (process.env[passwordVariable] === undefined) return;
  if (process.execve === undefined) throw new Error('This Node cannot replace its process.');
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.execve('/bin/sh', ['sh', '-c', script, memoryFolder(), ...command], process.env);
}

/** What a signing worker is started with, so that its parent never holds what is in it. */
export interface PasswordHolder {
  /** Entries for `stdio` behind the first four. */
  readonly stdio: readonly number[];
  /** Their numbers in the child. */
  readonly files: { readonly kept: number; readonly terminal?: number };
  close(): void;
}

const firstExtra = 4;
const standardInput = 0;

/**
 * Opens what a signing worker needs for its password: the file that the environment's became, or an empty one, in
 * which a worker keeps what was typed for the one that follows it; and the terminal, where there is one.
 */
export function holdPassword(): PasswordHolder {
  const inherited = Number(process.env[passwordFdVariable] ?? Number.NaN);
  const kept = Number.isInteger(inherited) ? inherited : openUnnamed();
  const terminal = isatty(standardInput);
  return {
    stdio: terminal ? [kept, standardInput] : [kept],
    files: { kept: firstExtra, ...(terminal ? { terminal: firstExtra + 1 } : {}) },
    close: () => {
      if (kept !== inherited) closeSync(kept);
    },
  };
}

function openUnnamed(): number {
  const file = join(memoryFolder(), `ostinato.${randomBytes(8).toString('hex')}`);
  const fd = openSync(file, 'wx+', 0o600);
  unlinkSync(file);
  return fd;
}
