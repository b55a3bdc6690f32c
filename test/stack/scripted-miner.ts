import { hashTensors } from '../../adapters/artifacts/tensor-hash.ts';
import { type UploadResult, upload } from '../../adapters/artifacts/transfer/upload.ts';
import { signExtrinsic } from '../../adapters/chain/extrinsic.ts';
import { type Signer, signerFromSecret } from '../../adapters/wallet/signer.ts';
import { publicKeyOf } from '../../adapters/wallet/verify.ts';
import { minerHashCommit, signatureCommit } from '../../domain/commit-payload.ts';
import {
  blockMessage,
  commitMessage,
  encodeSignature,
  messageHex,
  uploadMessage,
} from '../../domain/signed-message.ts';
import { type Stack, subnet } from './stack.ts';
import { serverHost } from './upload-gate.ts';

/** A miner whose every step the test decides: real keys, a real chain, real HTTP, and no process. */
export class ScriptedMiner {
  readonly file: string;
  readonly hash: string;
  readonly #stack: Stack;
  readonly #signer: Signer;

  private constructor(stack: Stack, signer: Signer, file: string, hash: string) {
    this.#stack = stack;
    this.#signer = signer;
    this.file = file;
    this.hash = hash;
  }

  /** A miner that has this file to submit. */
  static async of(stack: Stack, name: string, file: string): Promise<ScriptedMiner> {
    const signer = await signerFromSecret(`//${name[0]?.toUpperCase()}${name.slice(1)}`, name);
    return new ScriptedMiner(stack, signer, file, (await hashTensors(file)).hash);
  }

  get hotkey() {
    return this.#signer.hotkey;
  }

  /** MinerCommit1; the block with it is the caller's to build. */
  async commitSignature(): Promise<void> {
    await this.#commit(signatureCommit(encodeSignature(this.#signer.sign(commitMessage(this.hash)))));
  }

  /** MinerCommit2. */
  async commitHash(version: number, group = 0): Promise<void> {
    await this.#commit(minerHashCommit({ modelHash: this.hash, version, group }));
  }

  /** Sends the file to the address that the chain names for a validator. */
  async submit({ group = 0, to = 'validator' } = {}): Promise<UploadResult> {
    const { gate } = this.#stack;
    const validator = this.#stack.hotkey(this.#stack.accountOf(to));
    const target = publicKeyOf(validator);
    const block = gate.head;
    return upload({
      url: `http://${serverHost}:${this.#stack.uploadsOf(to).port}/submit`,
      fields: {
        target_hotkey_ss58: validator,
        origin_hotkey_ss58: this.hotkey,
        origin_block: String(block),
        model_hex: this.hash,
        block_hex: messageHex(blockMessage(target, block)),
        signature: encodeSignature(this.#signer.sign(uploadMessage(this.hash, target, block))),
      },
      file: { path: this.file, name: `model_expgroup_${group}.safetensors` },
    });
  }

  async #commit(text: string): Promise<void> {
    const { chain, gate } = this.#stack;
    const birth = await chain.head();
    const nonce = await chain.nextNonce(this.hotkey);
    const call = { kind: 'set_commitment', netuid: subnet, text } as const;
    const envelope = { genesis: chain.genesis, nonce, birth, eraBlocks: 64 };
    await gate.submit(signExtrinsic(chain.runtime, this.#signer, call, envelope).bytes);
  }
}
