import { type Command, InvalidArgumentError, Option } from 'commander';
import { wholeNumber } from './whole-number.ts';

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

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

const blockTime = (about: string, defaultMs: number, shown: string): Option =>
  new Option('--block-time <time>', about).argParser(duration).default(defaultMs, shown);

/** `demo` and `devnet`: everything on this machine. */
export function addDevnetCommands(ostinato: Command): void {
  ostinato
    .command('demo')
    .description('Runs a Temporal server, a chain, validators, their model servers and miners on this machine.')
    .option('--validators <n>', 'how many validators', wholeNumber(1), 1)
    .option('--miners <n>', 'how many miners', wholeNumber(1), 3)
    .option('--cycles <n>', 'stop after so many complete cycles and print the scores', wholeNumber(1))
    .option('--report <file>', 'write what happened as JSON')
    .option('--state <dir>', 'the state folder', '.ostinato')
    .option('--temporal <address>', 'use this Temporal server instead of an own one')
    .addOption(blockTime('time between two blocks', 1000, '1s'))
    .option('--steps <n>', 'how many steps each miner trains in a cycle (default: as many as fit)', wholeNumber(1))
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
    .addOption(blockTime('time between two blocks, at least 50ms', 12_000, '12s'))
    .option('--state <dir>', 'the state folder', '.ostinato')
    .option('--memory', 'keep nothing on disk')
    .option('--hold', 'build no block before SIGUSR2')
    .option('--weights-rate-limit <blocks>', 'blocks between two weight vectors of a validator', wholeNumber(1))
    .option('--tempo <blocks>', 'blocks of an epoch', wholeNumber(1))
    .option('--min-allowed-weights <n>', 'entries that a vector must have', wholeNumber(1))
    .option('--commit-reveal', 'weights are committed first and revealed an epoch later')
    .option('--reveal-period <epochs>', 'epochs between a commit and its reveal', wholeNumber(1))
    .option('--mechanisms <n>', 'mechanisms (sub-subnets) of the subnet', wholeNumber(1))
    .option('--validator <uri>', 'register another validator with stake and permit; may be repeated', collect)
    .option('--miner <uri>', 'register another miner at genesis, such as //Charlie; may be repeated', collect)
    .action(async (given) => {
      const { runDevnet } = await import('./devnet.ts');
      await runDevnet(given);
    });
}
