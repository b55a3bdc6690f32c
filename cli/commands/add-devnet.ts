import { type Command, InvalidArgumentError } from 'commander';
import { count } from './add-deployment.ts';

const port = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw new InvalidArgumentError('a port number');
  return value;
};

/** Seconds or milliseconds as people write them: `1s`, `50ms`, `12s`; a bare number is milliseconds. */
const duration = (text: string): number => {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text) ?? [];
  const value = Number(digits) * (unit === 's' ? 1000 : 1);
  if (!Number.isFinite(value) || value < 50)
    throw new InvalidArgumentError('a time of at least 50ms, such as 50ms or 12s');
  return value;
};

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** `demo` and `devnet`: everything on this machine. */
export function addDevnetCommands(ostinato: Command): void {
  ostinato
    .command('demo')
    .description('Runs a Temporal server, a chain, a validator, its model server and three miners on this machine.')
    .option('--cycles <n>', 'stop after so many complete cycles and print the scores', count)
    .option('--report <file>', 'write what happened as JSON')
    .option('--state <dir>', 'the state folder', '.ostinato')
    .option('--temporal <address>', 'use this Temporal server instead of an own one')
    .option('--block-time <time>', 'time between two blocks', duration, 1000)
    .option('--server-port <port>', 'port of the model server (8080, or the next free one)', port)
    .option('--chain-port <port>', 'port of the chain (9944, or the next free one)', port)
    .option('--plain', 'lines instead of the live view')
    .action(async (given) => {
      const { runDemo } = await import('../demo/run.ts');
      await runDemo(given);
    });
  ostinato
    .command('devnet')
    .description('Runs the embedded chain alone, with //Alice as a validator and //Bob as a miner on netuid 1.')
    .option('--port <port>', 'WebSocket and HTTP port (9944, or the next free one)', port)
    .option('--block-time <time>', 'time between two blocks, at least 50ms', duration, 12_000)
    .option('--state <dir>', 'the state folder', '.ostinato')
    .option('--memory', 'keep nothing on disk', false)
    .option('--hold', 'build no block before SIGUSR2', false)
    .option('--weights-rate-limit <blocks>', 'blocks between two weight vectors of a validator', count)
    .option('--tempo <blocks>', 'blocks of an epoch', count)
    .option('--min-allowed-weights <n>', 'entries that a vector must have', count)
    .option('--miner <uri>', 'register another miner at genesis, such as //Charlie', collect, [])
    .action(async (given) => {
      const { runDevnet } = await import('./devnet.ts');
      await runDevnet(given);
    });
}
