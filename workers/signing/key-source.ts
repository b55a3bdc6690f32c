import type { KeySource } from '../../adapters/wallet/load.ts';
import type { ValidatorConfig } from '../../config/schema/deployment.ts';

/** Which key a configuration means: a development URI, then a mnemonic's file, then the wallet folder. */
export function keySourceOf(wallet: ValidatorConfig['wallet']): KeySource {
  if (wallet.uri != null) return { kind: 'uri', uri: wallet.uri };
  if (wallet.mnemonic_file != null) return { kind: 'mnemonic', file: wallet.mnemonic_file };
  return { kind: 'wallet', folder: wallet.path, wallet: wallet.name, hotkey: wallet.hotkey };
}
