import { type Command, Option } from 'commander';
import { flagsFor, flagValues } from '../../config/flags.ts';
import type { Role } from '../../config/roles.ts';
import { wholeNumber } from './whole-number.ts';

/** `--path`, `--temporal` and a flag for each field of the role. */
function withDeploymentOptions(command: Command, role: Role): Command {
  command
    .option(
      '--path <dir>',
      `the deployment's directory; left out, the only one under checkpoints/${role === 'miner' ? 'miner' : 'validator'}`,
    )
    .option('--temporal <address>', 'use this Temporal server, whatever the environment says');
  for (const flag of flagsFor(role)) {
    command.addOption(
      new Option(flag.flags, flag.description).helpGroup('Settings, which config.yaml and variables set too:'),
    );
  }
  // The settings' flags are long: on a narrow terminal their texts would have no room beside them.
  return command.configureHelp({ minWidthToWrap: 20 });
}

interface Given {
  readonly path?: string;
  readonly temporal?: string;
  readonly cycles?: number;
  readonly start?: boolean;
}

const common = (role: Role, given: Given & Readonly<Record<string, unknown>>) => ({
  flags: flagValues(role, given),
  ...(given.path === undefined ? {} : { path: given.path }),
  ...(given.temporal === undefined ? {} : { temporal: given.temporal }),
  ...(given.cycles === undefined ? {} : { cycles: given.cycles }),
});

/** `validator`, `server` and `miner`: the processes of a deployment. */
export function addDeploymentCommands(ostinato: Command): void {
  withDeploymentOptions(ostinato.command('validator'), 'validator')
    .description('Constant evaluation: judges submissions, merges the model, sets weights. Run "server" beside it.')
    .option('--no-start', 'serve the task queues only; "ostinato cycle start" starts the cycles')
    .option('--cycles <n>', 'end the cycles after so many complete ones', wholeNumber(1))
    .action(async (given: Given) => {
      const { runValidator } = await import('./validator.ts');
      await runValidator({ ...common('validator', { ...given }), start: given.start ?? true });
    });
  withDeploymentOptions(ostinato.command('server'), 'server')
    .description('The model server: serves the model to miners and takes their submissions.')
    .action(async (given: Given) => {
      const { runServer } = await import('./server.ts');
      await runServer(common('server', { ...given }));
    });
  const miner = withDeploymentOptions(ostinato.command('miner'), 'miner')
    .description('A miner. "io" talks to chain and validator, "train" trains; without either, both in one process.')
    .option('--cycles <n>', 'end after so many cycles', wholeNumber(1))
    .action(async (given: Given) => {
      const { runMiner } = await import('./miner.ts');
      await runMiner('both', common('miner', { ...given }));
    });
  for (const part of ['io', 'train'] as const) {
    withDeploymentOptions(miner.command(part), 'miner')
      .description(part === 'io' ? 'chain, downloads, commits and submissions' : 'training, in a child process')
      .option('--cycles <n>', 'end after so many cycles', wholeNumber(1))
      .action(async (_own: Given, command: Command) => {
        const given = command.optsWithGlobals<Given>();
        const { runMiner } = await import('./miner.ts');
        await runMiner(part, common('miner', { ...given }));
      });
  }
}
