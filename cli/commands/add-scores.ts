import { type Command, InvalidArgumentError, Option } from 'commander';
import { strategyNames } from '../../domain/scoring/rule.ts';
import { wholeNumber } from './whole-number.ts';

const write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

export const cycleNumber = (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('the number of a cycle');
  return value;
};

const share = (text: string): number => {
  const value = Number(text);
  if (text === '' || !(value >= 0 && value <= 1)) throw new InvalidArgumentError('a number from 0 to 1');
  return value;
};

/** `verify`, `explain` and `rescore`: what the ledger says about scores. None of them changes anything. */
export function addScoreCommands(ostinato: Command): void {
  ostinato
    .command('verify')
    .argument('<cycle>', 'number of the cycle', cycleNumber)
    .description("Recomputes a cycle's scores from the ledger, and its losses where the artefacts are still there.")
    .option('--path <dir>', "the validator's directory")
    .option('--scores-only', 'leave the losses as they are recorded')
    .action(async (cycle: number, options) => {
      const { verify } = await import('./verify.ts');
      if (!(await verify({ ...options, cycle }, write))) process.exitCode = 1;
    });
  ostinato
    .command('explain')
    .argument('<hotkey>', 'SS58 address of the miner')
    .argument('<cycle>', 'number of the cycle', cycleNumber)
    .description('Tells in plain words why a miner scored what it scored, with the blocks and artefacts of each step.')
    .option('--path <dir>', "the validator's directory")
    .option('--json', 'one JSON object')
    .action(async (hotkey: string, cycle: number, options) => {
      const { runExplain } = await import('./explain.ts');
      if (!(await runExplain(hotkey, cycle, options, write))) process.exitCode = 1;
    });
  ostinato
    .command('rescore')
    .description('Runs a strategy over stored cycles: who would have moved, and how far the vector is from theirs.')
    .addOption(new Option('--strategy <name>', 'the strategy').choices(strategyNames).makeOptionMandatory())
    .addOption(new Option('--cycles <count>', 'how many of the last cycles').default(8).argParser(wholeNumber(1)))
    .addOption(new Option('--alpha <share>', 'of relative-drop-ema, instead of score_ema_alpha').argParser(share))
    .option('--path <dir>', "the validator's directory")
    .option('--json', 'one JSON object')
    .action(async (options) => {
      const { runRescore } = await import('./rescore.ts');
      await runRescore(options, write);
    });
}
