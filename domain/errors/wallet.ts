import { defineErrors } from './define.ts';

/** Key files and their passwords. */
export const walletErrors = defineErrors({
  OST_WALLET_PASSWORD: {
    fault: 'config',
    what: 'The password does not open the key file {file}.',
    todo: 'Correct the password. A damaged file looks the same: restore it from its mnemonic.',
  },
  OST_WALLET_FORMAT: {
    fault: 'config',
    what: 'The encryption of the key file {file} is not of a form that btcli has written: {reason}.',
    todo: 'Restore the file from its mnemonic with "btcli wallet regen-hotkey".',
  },
  OST_WALLET_PERMISSIONS: {
    fault: 'config',
    what: 'Others than its owner may read or change {file} (its permissions are {permissions}).',
    todo: 'Run: {command}',
  },
  OST_WALLET_PROMPT: {
    fault: 'operator',
    what: 'The password was not entered.',
    todo: 'Start again, or set wallet.password_file.',
  },
});
