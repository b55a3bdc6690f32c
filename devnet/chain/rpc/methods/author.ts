import { u8aToHex } from '@polkadot/util';
import type { Watcher } from '../../node/pool.ts';
import type { PreparedExtrinsic } from '../../runtime/runtime.ts';
import { Reader, ScaleError } from '../../scale/bytes.ts';
import { RpcFailure, submissionFailure } from '../failure.ts';
import { type Client, type Methods, type Services, unsubscribe } from '../method.ts';
import type { Params } from '../params.ts';

/** A node itself reads no more than the length in front; what is inside is the runtime's affair. */
function ensureFramed(encoded: Uint8Array): void {
  try {
    new Reader(encoded).count();
  } catch (error) {
    if (!(error instanceof ScaleError)) throw error;
    throw new RpcFailure(1001, `Extrinsic has invalid format: ${error.message}`);
  }
}

export function authorMethods({ chain, faults }: Services): Methods {
  const submit = (params: Params, client: Client): PreparedExtrinsic => {
    const encoded = params.bytes(0);
    const refused = faults.takeRefusal();
    if (refused !== null) throw new RpcFailure(refused.code, refused.message, refused.data ?? null);
    ensureFramed(encoded);
    try {
      const prepared = chain.submit(encoded);
      if (faults.takeCut()) client.drop();
      return prepared;
    } catch (error) {
      throw submissionFailure(error);
    }
  };
  return {
    author_submitExtrinsic: (params, client) => {
      const { hash } = submit(params, client);
      if (faults.takeLoss()) chain.pool.lose(hash);
      return hash;
    },
    author_submitAndWatchExtrinsic: (params, client) => {
      const { hash } = submit(params, client);
      return client.subscribe('author_extrinsicUpdate', (push) => {
        const watcher: Watcher = (status) => push(status);
        chain.pool.watch(hash, watcher);
        if (faults.takeLoss()) chain.pool.lose(hash);
        return () => chain.pool.unwatch(hash, watcher);
      });
    },
    author_unwatchExtrinsic: unsubscribe,
    author_pendingExtrinsics: () => chain.pool.pending().map((encoded) => u8aToHex(encoded)),
  };
}
