import { Argument, type Command } from 'commander';

const write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** `writer status`, `writer resolve` and `writer acknowledge`. */
export function addWriterCommands(ostinato: Command): void {
  const writer = ostinato
    .command('writer')
    .description('Shows the one writer of a hotkey, and tells it what only an operator knows.');
  const withPlace = (command: Command): Command =>
    command
      .option('--path <dir>', "the validator's directory")
      .option('--temporal <address>', 'use this Temporal server');
  withPlace(writer.command('status'))
    .description('Shows what is open, committed and settled, alarms, and why nothing is written.')
    .action(async (options) => {
      const { writerShow } = await import('./writer.ts');
      await writerShow(options, write);
    });
  withPlace(writer.command('resolve'))
    .description('Says which deployment goes on with the hotkey, after another one was seen to sign with it.')
    .addArgument(new Argument('<which>', 'the one that lives').choices(['this', 'other']))
    .action(async (which: 'this' | 'other', options) => {
      const { writerResolve } = await import('./writer.ts');
      await writerResolve(which, options, write);
    });
  withPlace(writer.command('acknowledge'))
    .description('Takes the alarms off: you have seen them.')
    .action(async (options) => {
      const { writerAcknowledge } = await import('./writer.ts');
      await writerAcknowledge(options, write);
    });
}
