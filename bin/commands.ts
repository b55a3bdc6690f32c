import { delimiter, dirname, join } from 'node:path';
import { nodeFlags } from '../adapters/processes/node-flags.ts';
import { isOstinatoError } from '../domain/errors/error.ts';
import { cacheFolder } from '../temporal/cache.ts';
import { check } from './check.ts';
import { installDependencies, lacksDependencies, ROOT } from './install.ts';
import { BootstrapError } from './node24.mjs';
import { prepareTemporal } from './prepare-temporal.ts';
import { become } from './run.ts';

// The second half of the bootstrap: under Node 24, but before the dependencies are there. Nothing that is imported
// here may import a package.

const MAIN = join(ROOT, 'cli', 'main.ts');
const CONFORMANCE = join(ROOT, 'test', 'conformance', 'main.ts');
const JEST = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
const FAULTS = join(ROOT, 'test', 'faults', 'run.ts');

/** Tools start `node` by name; they must get this one. */
const environment = {
  // Compiled modules are kept, so that the many processes of a deployment compile each of them once.
  NODE_COMPILE_CACHE: join(cacheFolder(), 'compiled'),
  // adapters/model/session.ts sets it too, once in a process; a test file's end puts the environment back.
  ORT_DISABLE_TELEMETRY: '1',
  ...process.env,
  PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
};

/** Ctrl-C while something is installed or built stops that and leaves nothing half-made behind. */
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interruption.abort());

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Installs what is missing, and beside that brings the Temporal CLI where the command needs it. */
async function install(needsTemporal: boolean): Promise<void> {
  const temporal = needsTemporal ? prepareTemporal({ environment, say, signal: interruption.signal }) : undefined;
  try {
    if (lacksDependencies()) await installDependencies(environment, interruption.signal);
  } catch (error) {
    await temporal?.abandon();
    throw error;
  }
  await temporal?.finish();
  if (interruption.signal.aborted) throw new BootstrapError('Interrupted.');
}

/** Whether a command line starts an embedded Temporal. */
const startsTemporal = (args: readonly string[]): boolean =>
  !args.some((arg) => ['--temporal', '--help', '-h'].includes(arg) || arg.startsWith('--temporal='));

async function main([command = 'help', ...args]: readonly string[]): Promise<number> {
  switch (command) {
    case 'demo':
      await install(startsTemporal(args));
      return become([...nodeFlags, MAIN, 'demo', ...args], environment);
    case 'test':
      await install(true);
      return become([...nodeFlags, JEST, '--config', join(ROOT, 'jest.config.mjs'), ...args], environment);
    case 'check':
      await install(false);
      return check(environment);
    case 'docs':
      await install(false);
      return become([...nodeFlags, MAIN, 'docs', ...args], environment);
    case 'conformance':
      await install(false);
      return become([...nodeFlags, CONFORMANCE, ...args], environment);
    case 'faults':
      await install(true);
      return become([...nodeFlags, FAULTS, ...args], environment);
    case 'ostinato':
      await install(false);
      return become([...nodeFlags, MAIN, ...args], environment);
    default:
      throw new BootstrapError(`"${command}" is none of: demo, test, check, docs, conformance, faults.`);
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof BootstrapError) say(error.message);
  else if (isOstinatoError(error)) say(error.explain());
  else throw error;
  process.exitCode = interruption.signal.aborted ? 130 : 1;
}
