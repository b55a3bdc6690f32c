import pino, { type Logger } from 'pino';

const names: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
};

/** A person at a terminal reads lines as the originals write them; everything else gets JSON. */
const forPeople = {
  write(line: string): void {
    const { level, msg } = JSON.parse(line) as { readonly level: number; readonly msg?: string };
    process.stdout.write(`[${names[level] ?? level}] ${msg ?? ''}\n`);
  },
};

/** Lines that wait for room on the disk; what comes on top of them is lost. */
const waitingBytes = 1024 * 1024;

/** A disk that is full, or a reader that has gone, costs lines of the log and not the process that writes them. */
function steadyOutput(): ReturnType<typeof pino.destination> {
  const output = pino.destination({ fd: 1, sync: true, maxLength: waitingBytes });
  output.on('error', () => undefined);
  return output;
}

export interface LogOptions {
  readonly level: string;
  readonly role: string;
  readonly label: string;
}

/**
 * The log of one process: JSON lines on stdout, written at once, because what a process said last is what counts when
 * it is killed. Fields that could hold a secret are never written.
 */
export function createLog({ level, role, label }: LogOptions): Logger {
  const options = {
    level,
    base: { role, label, pid: process.pid },
    redact: { paths: ['*.mnemonic', '*.secret', '*.authorization', 'headers.authorization', '*.token'], remove: true },
  };
  return process.stdout.isTTY ? pino(options, forPeople) : pino(options, steadyOutput());
}
