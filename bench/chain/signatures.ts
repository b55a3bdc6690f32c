import { sr25519Verify, waitReady } from '@polkadot/wasm-crypto';
import { signerFromSecret } from '../../adapters/wallet/signer.ts';
import { publicKeyOf, verifySignature } from '../../adapters/wallet/verify.ts';
import type { Result } from './result.ts';
import { inTurns, ratios, rounded, spreadOf } from './spread.ts';

const signatures = 256;
/** As long as what is signed for a request: a digest, an address, a time and a nonce. */
const messageBytes = 200;
const atLeast = 0.8;

/** 256 signatures of as many hotkeys, checked against their addresses, and by bare wasm against their public keys. */
export async function measureSignatures(rounds: number): Promise<Result> {
  await waitReady();
  const signed = await Promise.all(
    Array.from({ length: signatures }, async (_, index) => {
      const signer = await signerFromSecret(`//Neuron${index}`, 'the bench');
      const message = new Uint8Array(messageBytes).fill(index);
      return { hotkey: signer.hotkey, publicKey: publicKeyOf(signer.hotkey), message, signature: signer.sign(message) };
    }),
  );
  const all = (verify: (each: (typeof signed)[number]) => boolean) => () => {
    if (!signed.every(verify)) throw new Error('a signature was taken for false');
  };
  const turns = await inTurns(rounds, 3, {
    ours: all(({ message, signature, hotkey }) => verifySignature(message, signature, hotkey)),
    other: all(({ message, signature, publicKey }) => sr25519Verify(signature, message, publicKey)),
  });
  const ratio = spreadOf(ratios(turns));
  return {
    name: '256 signature checks',
    passed: ratio.median >= atLeast,
    figures: {
      rounds,
      oursMs: rounded(spreadOf(turns.ours)),
      wasmMs: rounded(spreadOf(turns.other)),
      wasmOverOurs: rounded(ratio),
      bar: atLeast,
    },
  };
}
