import { parseArgs } from 'node:util';
import type { KeySource } from '../../adapters/wallet/load.ts';
import { openEmbedded } from './embedded.ts';
import type { Ground } from './ground.ts';
import { openEndpoint } from './open.ts';
import { openRawSpec } from './raw-spec.ts';
import { runSuite } from './suite.ts';
import { lineOf } from './verdict.ts';

const usage = `Drives a Subtensor chain and says, line by line, whether it is what Ostinato takes it for.

  npm run conformance -- --endpoint ws://HOST:PORT [--netuid N] [--archive ws://HOST:PORT]
  npm run conformance -- --endpoint ws://HOST:PORT --netuid N --write --wallet WALLET
  npm run conformance -- --raw-spec FILE
  npm run conformance -- --embedded

  --archive  asked for blocks of the past that the endpoint has pruned
  --write    also commits, serves an axon and sets weights with the hotkey of --wallet
  --wallet   NAME/HOTKEY in ~/.bittensor/wallets, a file that holds a mnemonic, or a development URI such as //Alice
  --wallets  another folder for NAME/HOTKEY
`;

/** A wallet by the forms that `--wallet` takes. */
function sourceOf(text: string, folder: string | undefined): KeySource {
  if (text.startsWith('//')) return { kind: 'uri', uri: text };
  const [wallet, hotkey, ...more] = text.split('/');
  if (wallet !== undefined && wallet !== '' && wallet !== '.' && hotkey !== undefined && more.length === 0) {
    return { kind: 'wallet', wallet, hotkey, ...(folder === undefined ? {} : { folder }) };
  }
  return { kind: 'mnemonic', file: text };
}

async function open(): Promise<Ground | null> {
  const { values } = parseArgs({
    options: {
      endpoint: { type: 'string' },
      archive: { type: 'string' },
      'raw-spec': { type: 'string' },
      embedded: { type: 'boolean', default: false },
      netuid: { type: 'string', default: '1' },
      write: { type: 'boolean', default: false },
      wallet: { type: 'string' },
      wallets: { type: 'string' },
    },
  });
  const { endpoint, write, wallet } = values;
  if (values['raw-spec'] !== undefined) return openRawSpec(values['raw-spec']);
  if (values.embedded) return openEmbedded();
  if (endpoint === undefined || (write && wallet === undefined) || !/^\d+$/.test(values.netuid)) return null;
  const source = write && wallet !== undefined ? sourceOf(wallet, values.wallets) : null;
  const archive = values.archive ?? null;
  return openEndpoint({ url: endpoint, archive, netuid: Number(values.netuid), wallet: source });
}

async function main(): Promise<number> {
  let ground: Ground | null;
  try {
    ground = await open();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  if (ground === null) {
    process.stderr.write(usage);
    return 2;
  }
  try {
    const results = await runSuite(ground, (result) => process.stdout.write(`${lineOf(result)}\n`));
    const count = (kind: string) => results.filter(({ verdict }) => verdict.kind === kind).length;
    const { specName, specVersion } = ground.client.runtime;
    process.stdout.write(
      `${specName} ${specVersion}: ${count('pass')} pass, ${count('fail')} fail, ` +
        `${count('absent')} not there, ${count('not_provoked')} not provoked\n`,
    );
    return count('fail') === 0 ? 0 : 1;
  } finally {
    await ground.close();
  }
}

process.exitCode = await main();
