import { type Command, Option } from 'commander';
import { wholeNumber } from './whole-number.ts';

const write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** `model export`. */
export function addModelCommands(ostinato: Command): void {
  const model = ostinato.command('model').description('Makes models that a deployment can serve, judge and train.');
  model
    .command('export')
    .description('Turns a Hugging Face mixture-of-experts checkpoint into a model bundle; needs Python with torch.')
    .requiredOption('--from <dir>', 'the checkpoint, as transformers saves it')
    .requiredOption('--to <dir>', 'the bundle, which model_path then names')
    .option('--context <tokens>', 'tokens of a row', wholeNumber(2), 1024)
    .option('--groups <count>', 'expert groups', wholeNumber(1), 4)
    .addOption(
      new Option('--assign <rule>', "how each layer's experts are dealt to groups")
        .choices(['contiguous', 'round-robin'])
        .default('contiguous'),
    )
    .option('--assignment <file>', 'JSON that names the groups and their experts, in place of --groups and --assign')
    .addOption(new Option('--dtype <type>', 'how weights are stored').choices(['fp32', 'bf16', 'fp16']).default('fp32'))
    .option('--corpus <dir>', 'group_N.train.txt and group_N.heldout.txt, to be part of the bundle')
    .option('--first-token <id>', "what a row begins with; the model's own if left out", wholeNumber(0))
    .option('--python <program>', 'a Python that has models/exporter/requirements-export.txt', 'python3')
    .option('--any-version', 'go on with other versions of the requirements')
    .option('--check', 'hold the graphs against torch, which takes the whole model in memory')
    .action(async ({ from, to, ...options }) => {
      const { modelExport } = await import('./model-export.ts');
      await modelExport(
        {
          ...options,
          checkpoint: from,
          bundle: to,
          assignment: options.assignment ?? null,
          corpus: options.corpus ?? null,
          firstToken: options.firstToken ?? null,
          anyVersion: options.anyVersion ?? false,
          check: options.check ?? false,
        },
        write,
      );
    });
}
