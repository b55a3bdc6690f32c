import { field, group, optional } from '../field.ts';
import { path, text } from '../value-types.ts';

const everybody = ['validator', 'server', 'miner'] as const;
const fileName = /^(?!\.{1,2}$)[^/\\\0]+$/;

/** Which key signs. The first that is set counts: `uri`, `mnemonic_file`, then the wallet folder's hotkey. */
export const walletFields = group(
  'The key that signs. The first that is set counts: uri, mnemonic_file, else the hotkey in the wallet folder.',
  {
    name: field(text('the name of a wallet', fileName), 'default', {
      about: 'Name of the Bittensor wallet.',
      example: 'my-wallet',
      roles: everybody,
      aliases: ['WALLET_NAME'],
      essential: true,
    }),
    hotkey: field(text('the name of a hotkey', fileName), 'default', {
      about: 'Name of the hotkey in that wallet. Its file may be encrypted; then a password is needed.',
      example: 'my-validator-hotkey',
      roles: everybody,
      aliases: ['HOTKEY_NAME'],
      essential: true,
    }),
    path: field(path('a folder'), '~/.bittensor/wallets', {
      about: 'Folder of the Bittensor wallets.',
      example: '~/.bittensor/wallets',
      roles: everybody,
      aliases: ['BITTENSOR_WALLET_PATH'],
    }),
    uri: optional(text('a development key such as //Alice', /^\/\/\S+$/), {
      about: 'A public development key instead of a wallet. For test chains only: everybody knows it.',
      example: '//Alice',
      roles: everybody,
    }),
    mnemonic_file: optional(path('a file'), {
      about: 'File that holds the mnemonic of the hotkey, instead of a wallet. Only its owner may be able to read it.',
      example: '/run/secrets/hotkey-mnemonic',
      roles: everybody,
    }),
    password_file: optional(path('a file'), {
      about:
        'File that holds the password of an encrypted hotkey file. Only its owner may be able to read it. Left out, ' +
        'the password is that of the variable OSTINATO_WALLET_PASSWORD, or is asked for on the terminal.',
      example: '/run/secrets/hotkey-password',
      roles: everybody,
    }),
  },
);
