import { type Command, Option } from 'commander';

const write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** `status`, `doctor`, `health` and `docs`. */
export function addToolCommands(ostinato: Command): void {
  ostinato
    .command('status')
    .description('Lists the processes of this machine that belong to a state folder.')
    .option('--state <dir>', 'the state folder', '.ostinato')
    .option('--json', 'one JSON array')
    .action(async (options) => {
      const { showStatus } = await import('./status.ts');
      showStatus(options, write);
    });
  ostinato
    .command('doctor')
    .description('Tells what is missing on this machine and how to get it.')
    .option('--path <dir>', 'also check the deployment in this directory')
    .addOption(new Option('--role <role>', 'of that deployment').choices(['validator', 'miner']).default('validator'))
    .action(async (options) => {
      const { doctor } = await import('./doctor.ts');
      if (!(await doctor(options, write))) process.exitCode = 1;
    });
  ostinato
    .command('health')
    .argument('<role>', 'validator, server or miner')
    .description('Says whether the process of a deployment works; for health checks of containers.')
    .option('--path <dir>', "the deployment's directory")
    .action(async (role, options) => {
      const { health } = await import('../health/health.ts');
      if (!(await health({ role, ...options }, write))) process.exitCode = 1;
    });
  ostinato
    .command('docs')
    .description('Writes the generated pages of docs/ anew.')
    .action(async () => {
      const { writeGenerated } = await import('../docs/generate.ts');
      for (const file of writeGenerated()) write(file);
    });
}
