import { type Command, Option } from 'commander';

const write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** `config init` and `config show`. */
export function addConfigCommands(ostinato: Command): void {
  const config = ostinato.command('config').description("Makes and shows a deployment's settings.");
  config
    .command('init')
    .description('Writes checkpoints/<role>/<hotkey>/<run>/config.yaml with a comment on every field.')
    .addOption(new Option('--role <role>', 'whose settings').choices(['validator', 'miner']).default('validator'))
    .requiredOption('--hotkey <name>', 'name or address of the hotkey; the directory is called after it')
    .option('--run <name>', 'name of the run', 'main')
    .option('--path <dir>', 'write to this directory instead')
    .option('--set <key=value>', 'set a field, such as netuid=42; may be repeated', collect)
    .option('--force', 'overwrite a file that is there')
    .option('--keep', 'leave a file that is there as it is')
    .action(async ({ set, ...options }) => {
      const { configInit } = await import('../config/init.ts');
      const { setOptions } = await import('../config/set-option.ts');
      await configInit({ ...options, values: setOptions(set ?? []) }, write);
    });
  config
    .command('show')
    .description('Shows every setting with its value and where it comes from; secrets are not shown.')
    .addOption(
      new Option('--role <role>', 'whose settings').choices(['validator', 'server', 'miner']).default('validator'),
    )
    .option('--path <dir>', "the deployment's directory")
    .option('--changed', 'only what differs from the defaults')
    .option('--json', 'one JSON object')
    .action(async (options) => {
      const { configShow } = await import('../config/show.ts');
      await configShow(options, write);
    });
}
