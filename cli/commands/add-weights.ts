import type { Command } from 'commander';
import { wholeNumber } from './whole-number.ts';

const write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const cycleNumber = (text: string): number => (text === '0' ? 0 : wholeNumber(1)(text));

/** `weights show | approve | amend | veto`: the operator's say in what is published. */
export function addWeightsCommands(ostinato: Command): void {
  const weights = ostinato.command('weights').description('Shows the weights, and decides on a vector that waits.');
  const verb = (name: string, description: string): Command =>
    weights
      .command(name)
      .description(description)
      .option('--path <dir>', "the validator's directory")
      .option('--temporal <address>', 'use this Temporal server');
  const decision = (name: string, description: string): Command =>
    verb(name, description)
      .option('--cycle <n>', 'the cycle that is decided on; left out, the one whose vector waits', cycleNumber)
      .option('--by <name>', 'who decides; left out, the user of this machine');

  verb('show', 'The vector that waits, with what held it back, and what became of the last ones.')
    .option('--last <n>', 'how many finished cycles', wholeNumber(1), 5)
    .action(async (options) => {
      const { showWeights } = await import('./weights.ts');
      await showWeights(options, write);
    });
  decision('approve', 'Publishes the vector that waits, as it is.').action(async (options) => {
    const { decideOnWeights } = await import('./weights.ts');
    await decideOnWeights({ kind: 'approve' }, options, write);
  });
  decision('amend', 'Publishes another vector in place of the one that waits.')
    .requiredOption('--reason <text>', 'why, for the record')
    .requiredOption('--file <file>', 'JSON object of hotkeys and positive numbers; they are scaled')
    .action(async (options) => {
      const [{ decideOnWeights }, { readAmendment }] = await Promise.all([
        import('./weights.ts'),
        import('../amendment.ts'),
      ]);
      const vector = await readAmendment(options.file);
      await decideOnWeights({ kind: 'amend', reason: options.reason, weights: vector }, options, write);
    });
  decision('veto', 'Publishes nothing in this cycle.')
    .requiredOption('--reason <text>', 'why, for the record')
    .action(async (options) => {
      const { decideOnWeights } = await import('./weights.ts');
      await decideOnWeights({ kind: 'veto', reason: options.reason }, options, write);
    });
}
