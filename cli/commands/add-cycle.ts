import type { Command } from 'commander';
import { wholeNumber } from './whole-number.ts';

const write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** `cycle start` and `cycle status`. */
export function addCycleCommands(ostinato: Command): void {
  const cycle = ostinato.command('cycle').description("Starts and shows a validator's cycles.");
  cycle
    .command('start')
    .description('Starts the CycleWorkflow of the validator; one that runs already is left as it is.')
    .option('--path <dir>', "the validator's directory")
    .option('--temporal <address>', 'use this Temporal server')
    .option('--cycles <n>', 'end after so many complete cycles', wholeNumber(1))
    .option('--print', 'print the command for the Temporal CLI instead')
    .action(async (options) => {
      const { cycleStart } = await import('./cycle.ts');
      await cycleStart(options, write);
    });
  cycle
    .command('status')
    .description('Shows where the cycle is, and the last cycles of the ledger.')
    .option('--path <dir>', "the validator's directory")
    .option('--temporal <address>', 'use this Temporal server')
    .option('--last <n>', 'how many finished cycles', wholeNumber(1), 5)
    .action(async (options) => {
      const { cycleStatus } = await import('./cycle.ts');
      await cycleStatus(options, write);
    });
}
