import { startDevnet } from '../../../devnet/chain/start.ts';

/** A chain in a process of its own, for tests that kill it: `node process.ts FOLDER BLOCK_TIME_MS|gated`. */
const [folder = '', blockTime = 'gated'] = process.argv.slice(2);
const net = await startDevnet({
  folder,
  port: 0,
  blockTimeMs: blockTime === 'gated' ? 'gated' : Number(blockTime),
  subnet: { weightsRateLimit: 0 },
});
process.stdout.write(`${net.url}\n`);
