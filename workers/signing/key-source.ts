import type { KeySource } from '../../adapters/wallet/load.ts';
import type { PasswordSource } from '../../adapters/wallet/password.ts';
import type { ValidatorConfig } from '../../config/schema/deployment.ts';
import type { PasswordFiles } from './protocol.ts';

/** Where a configuration says that the key's password is, beside the open files that the worker was started with. */
export const passwordSourceOf = (wallet: ValidatorConfig['wallet'], files: PasswordFiles): PasswordSource => ({
  ...files,
  ...(wallet.password_file == null ? {} : { file: wallet.password_file }),
});

/** Which key a configuration means: a development URI, then a mnemonic's file, then the wallet folder. */
export function keySourceOf(wallet: ValidatorConfig['wallet']): KeySource {
  if (wallet.uri != null) return { kind: 'uri', uri: wallet.uri };
  if (wallet.mnemonic_file != null) return { kind: 'mnemonic', file: wallet.mnemonic_file };
  return { kind: 'wallet', folder: wallet.path, wallet: wallet.name, hotkey: wallet.hotkey };
}
