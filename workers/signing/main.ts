import { once } from 'node:events';
import { join } from 'node:path';
import pino from 'pino';
import { createSignerActivities } from '../../activities/signer/activities.ts';
import { connectChain } from '../../adapters/chain/client.ts';
import { openLedger } from '../../adapters/ledger/open.ts';
import { loadSigner } from '../../adapters/wallet/load.ts';
import { loadConfig } from '../../config/load.ts';
import { isOstinatoError, messageOf } from '../../domain/errors/error.ts';
import { signerQueue } from '../../temporal/ids.ts';
import { connectNative } from '../../temporal/native.ts';
import { installRuntime } from '../runtime.ts';
import { startWorkers } from '../worker-set.ts';
import { keySourceOf, passwordSourceOf } from './key-source.ts';
import type { SigningNotice, SigningOrder } from './protocol.ts';

/**
 * The signing worker: the only process of a deployment that holds its key. It does activities and nothing else; what
 * it signs it builds itself from what it was asked for, after the protection record allowed it.
 */
async function main(): Promise<void> {
  const [order] = (await once(process, 'message')) as [SigningOrder];
  const ended = new Promise<void>((resolve) => {
    // The parent is gone, whatever ended it: a key must not outlive its deployment.
    process.once('disconnect', resolve);
    process.once('SIGTERM', resolve);
    // Ctrl-C is the parent's business; it ends this process when its workflows need no signature any more.
    process.on('SIGINT', () => undefined);
  });
  // Before it is ready it has nothing in hand, and a chain or a Temporal that has gone, too, would hold it for a minute.
  const signer = await Promise.race([startSigner(order), ended.then(() => null)]);
  if (signer === null) return;
  tell({ kind: 'ready', hotkey: signer.hotkey, publicKey: signer.publicKey });
  await Promise.race([ended, signer.done]);
  await signer.stop();
}

/** Loads the key and takes up the work of its queue. */
async function startSigner(order: SigningOrder) {
  const log = pino(
    { base: { role: 'signer', label: order.folder, pid: process.pid } },
    pino.destination({ fd: 1, sync: true }),
  );
  const { config } = loadConfig({ role: order.role, path: order.folder });
  const signer = await loadSigner(
    keySourceOf(config.wallet),
    undefined,
    passwordSourceOf(config.wallet, order.password),
  );
  const chain = await connectChain({
    endpoints: config.chain_endpoint,
    ...(config.chain_archive_endpoint == null ? {} : { archiveEndpoints: config.chain_archive_endpoint }),
    timeoutMs: config.timeouts.chain_call_seconds * 1000,
  });
  const ledger = await openLedger({ file: join(order.folder, 'ledger.sqlite') });
  installRuntime(log);
  const connection = await connectNative(order);
  const activities = createSignerActivities({
    signer,
    chain,
    protection: ledger.protection,
    prepared: ledger.prepared,
    withheld: order.withheld,
  });
  const workers = await startWorkers(connection, order.namespace, 'signer', [
    // One at a time: two extrinsics prepared at once would take one nonce.
    { taskQueue: signerQueue(signer.hotkey), activities, slots: 1 },
  ]);
  return {
    hotkey: signer.hotkey,
    publicKey: signer.publicKey,
    done: workers.done,
    async stop() {
      await workers.stop();
      await connection.close();
      await chain.close();
      await ledger.close();
    },
  };
}

const tell = (notice: SigningNotice): void => {
  process.send?.(notice);
};

try {
  await main();
  process.exit(0);
} catch (error) {
  tell({ kind: 'failed', code: isOstinatoError(error) ? error.code : 'error', message: messageOf(error) });
  process.exit(1);
}
