import { signCall } from '../../../adapters/chain/extrinsic.ts';
import { callFunction } from '../../../adapters/chain/runtime.ts';
import { loadSigner } from '../../../adapters/wallet/load.ts';
import type { Bench } from './world.ts';

type Call = Parameters<typeof signCall>[2];

/** A call by the names of the metadata. */
export const callOf = ({ chain }: Pick<Bench, 'chain'>, pallet: string, name: string, ...args: unknown[]): Call =>
  callFunction(chain.runtime, pallet, name)(...args);

/** Sends a call in somebody's name, behind the writer's back, and leaves it in the pool. */
export async function send(bench: Pick<Bench, 'chain'>, uri: string, call: Call): Promise<void> {
  const { chain } = bench;
  const signer = await loadSigner({ kind: 'uri', uri });
  const envelope = {
    genesis: chain.genesis,
    nonce: await chain.nextNonce(signer.hotkey),
    birth: await chain.head(),
    eraBlocks: 64,
  };
  const { bytes } = signCall(chain.runtime, signer, call, envelope);
  await chain.submit(bytes, AbortSignal.timeout(100));
}

/** Changes a setting of the subnet as root does; in force after the next block. */
export const asRoot = (bench: Pick<Bench, 'chain'>, name: string, ...args: unknown[]): Promise<void> =>
  send(bench, '//Alice', callOf(bench, 'Sudo', 'sudo', callOf(bench, 'AdminUtils', name, ...args)));
