import { type Command, InvalidArgumentError } from 'commander';
import { wholeNumber } from './whole-number.ts';

const write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const warn = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const genesis = (text: string): string => {
  if (!/^0x[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('0x and 64 lower-case hex digits');
  return text;
};

const block = (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('the number of a block');
  return value;
};

/** `protection export`, `import` and `show`. */
export function addProtectionCommands(ostinato: Command): void {
  const protection = ostinato
    .command('protection')
    .description('The record of signed weight vectors, which keeps a hotkey from signing two for one period.');
  protection
    .command('export')
    .description('Writes the record as a file that another machine can import. Stop what signs first.')
    .option('--path <dir>', "the validator's directory")
    .option('--output <file>', 'the file to write; standard output where left out')
    .option('--force', 'overwrite it')
    .option('--genesis <hash>', 'of the chain, where the record knows several', genesis)
    .option('--hotkey <address>', 'of this hotkey alone')
    .option('--from <block>', 'without periods before this block; whoever imports it will sign for none of them', block)
    .action(async (options) => {
      const { exportProtection } = await import('./protection-transfer.ts');
      await exportProtection(options, write, warn);
    });
  protection
    .command('import')
    .argument('<file>', 'what "protection export" wrote, or - for standard input')
    .description('Adds a record to this one. It may forbid more afterwards, and never less.')
    .option('--path <dir>', "the validator's directory")
    .option('--genesis <hash>', "the chain's, where it is not the one that this deployment knows", genesis)
    .action(async (file: string, options) => {
      const { importProtection } = await import('./protection-transfer.ts');
      if (!(await importProtection({ file, ...options }, write))) process.exitCode = 1;
    });
  protection
    .command('show')
    .description('Shows what was signed, newest periods first.')
    .option('--path <dir>', "the validator's directory")
    .option('--hotkey <address>', 'of this hotkey alone')
    .option('--period <block>', 'of this period, with its vectors', block)
    .option('--last <n>', 'how many periods', wholeNumber(1), 20)
    .option('--json', 'one JSON array')
    .action(async (options) => {
      const { showProtection } = await import('./protection-show.ts');
      await showProtection(options, write);
    });
}
