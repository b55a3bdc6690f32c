import { writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { fail } from '../../domain/errors/error.ts';

const enter = new Set([0x0a, 0x0d]);
const erase = new Set([0x08, 0x7f]);
/** Ctrl-C and Ctrl-D, which a raw terminal passes on as bytes. */
const giveUp = new Set([0x03, 0x04]);

/** Asks on a terminal and reads a line without showing it. Raises OST_WALLET_PROMPT where it is broken off. */
export async function promptHidden(terminal: number, question: string): Promise<Buffer> {
  const input = new ReadStream(terminal);
  const typed: number[] = [];
  input.setRawMode(true);
  // The terminal and not standard error: that may go to a log.
  writeSync(terminal, question);
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      for (const byte of chunk) {
        if (enter.has(byte)) return Buffer.from(typed);
        if (giveUp.has(byte)) throw fail('OST_WALLET_PROMPT', {});
        if (erase.has(byte)) eraseLast(typed);
        else typed.push(byte);
      }
      chunk.fill(0);
    }
    throw fail('OST_WALLET_PROMPT', {});
  } finally {
    typed.fill(0);
    input.setRawMode(false);
    writeSync(terminal, '\n');
    input.destroy();
  }
}

/** A whole character: bytes that go on with one begin with the bits 10. */
function eraseLast(typed: number[]): void {
  while (typed.length > 0 && ((typed.pop() ?? 0) & 0xc0) === 0x80);
}
