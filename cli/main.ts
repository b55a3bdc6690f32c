import { Command, CommanderError } from 'commander';
import { movePasswordOutOfEnvironment } from '../adapters/wallet/hand-over.ts';
import { addConfigCommands } from './commands/add-config.ts';
import { addCycleCommands } from './commands/add-cycle.ts';
import { addDeploymentCommands } from './commands/add-deployment.ts';
import { addDevnetCommands } from './commands/add-devnet.ts';
import { addModelCommands } from './commands/add-model.ts';
import { addProtectionCommands } from './commands/add-protection.ts';
import { addScoreCommands } from './commands/add-scores.ts';
import { addToolCommands } from './commands/add-tools.ts';
import { addWeightsCommands } from './commands/add-weights.ts';
import { addWriterCommands } from './commands/add-writer.ts';
import { explainFailure } from './explain-failure.ts';

/**
 * The `ostinato` command. Everything but the list of commands is loaded by the command that needs it, so that
 * `--help` answers at once.
 */
function program(): Command {
  const ostinato = new Command('ostinato')
    .description(
      'Runs the validators and miners of Bittensor-style subnets as durable Temporal workflows.\n\n' +
        'New here? "ostinato demo" runs a chain, a validator and three miners on this machine and shows what they do.\n' +
        'For a subnet of your own: "ostinato config init", then "ostinato validator" and "ostinato server".',
    )
    .version('0.1.0')
    .showSuggestionAfterError()
    .exitOverride();
  addDevnetCommands(ostinato);
  addConfigCommands(ostinato);
  addDeploymentCommands(ostinato);
  addModelCommands(ostinato);
  addCycleCommands(ostinato);
  addProtectionCommands(ostinato);
  addWeightsCommands(ostinato);
  addWriterCommands(ostinato);
  addScoreCommands(ostinato);
  addToolCommands(ostinato);
  return ostinato;
}

movePasswordOutOfEnvironment();
try {
  await program().parseAsync();
  // Native runtimes keep handles open that nobody waits for; what had to be closed is closed.
  process.exit();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode);
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exit(1);
}
