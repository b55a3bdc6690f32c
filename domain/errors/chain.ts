import { chainWriteErrors } from './chain-write.ts';
import { defineErrors } from './define.ts';
import { weightsErrors } from './weights.ts';

/** The chain client, the signer and the writer. */
export const chainErrors = {
  ...defineErrors({
    OST_CHAIN_TIMEOUT: {
      fault: 'chain',
      what: '{endpoint} did not answer {method} within {timeoutMs} ms.',
      todo: 'It is tried again by itself; if it stays, check the endpoint or name another one in chain_endpoint.',
    },
    OST_CHAIN_UNREACHABLE: {
      fault: 'chain',
      what: 'No chain endpoint could be reached: {endpoints} ({reason}).',
      todo: 'Check the network and the endpoints in chain_endpoint; several may be given, in order of preference.',
    },
    OST_CHAIN_DISCONNECTED: {
      fault: 'chain',
      what: 'The connection to {endpoint} was lost during {method}.',
      todo: 'It is tried again by itself on the next endpoint.',
    },
    OST_CHAIN_RPC: {
      fault: 'chain',
      what: '{endpoint} answered {method} with an error: {message}',
      todo: 'It is tried again by itself; if it stays, the endpoint may lack this method: name another one.',
    },
    OST_CHAIN_WRONG_GENESIS: {
      fault: 'config',
      what: '{endpoint} serves the chain {found}, but {expected} was expected.',
      todo: 'Name an endpoint of the right chain in chain_endpoint.',
    },
    OST_CHAIN_STATE_PRUNED: {
      fault: 'chain',
      retry: false,
      what: 'The endpoint no longer has the state of block {block}.',
      todo: 'Name an archive node in chain_endpoint, or read sooner: plain nodes keep 256 blocks.',
    },
    OST_CHAIN_BLOCK_UNKNOWN: {
      fault: 'chain',
      what: 'The endpoint does not know block {block}.',
      todo: 'It is tried again by itself; if it stays, the endpoint is behind or on another fork.',
    },
    OST_CHAIN_UNSUPPORTED: {
      fault: 'config',
      what: 'The runtime of this chain has no {what}.',
      todo: 'This version of Ostinato cannot work with it; update one of the two.',
    },
    OST_CHAIN_SUBNET_MISSING: {
      fault: 'config',
      what: 'There is no subnet {netuid} on this chain.',
      todo: 'Check netuid and chain_endpoint.',
    },
    OST_CHAIN_COMMITMENT_NOT_FOUND: {
      fault: 'chain',
      retry: false,
      what: 'Block {block} holds no commitment of {hotkey} on subnet {netuid}.',
      todo: 'The commitment was read from another fork; the cycle counts it as missing.',
    },
    OST_CHAIN_DECODE: {
      fault: 'chain',
      retry: false,
      what: 'The value of {what} has a shape that this version does not know.',
      todo: 'The runtime was upgraded; update Ostinato.',
    },
    OST_WALLET_NOT_FOUND: {
      fault: 'config',
      what: 'The wallet was not found: there is no hotkey file {file}.',
      todo: 'Make WALLET_NAME and HOTKEY_NAME in .env, or wallet.name and wallet.hotkey, match the wallet under BITTENSOR_WALLET_PATH (wallet.path); "btcli wallet new-hotkey" makes one.',
    },
    OST_WALLET_ENCRYPTED: {
      fault: 'config',
      what: 'The key file {file} is encrypted, and nothing says its password.',
      todo: 'Set wallet.password_file or OSTINATO_WALLET_PASSWORD, or start it on a terminal, which asks for it.',
    },
    OST_WALLET_INVALID: {
      fault: 'config',
      what: 'The key in {source} cannot be used: {reason}.',
      todo: 'Restore the file from its mnemonic, or name another hotkey.',
    },
    OST_WALLET_WRONG_HOTKEY: {
      fault: 'config',
      what: 'This signing worker holds the key of {held}, not of {asked}.',
      todo: 'Start the signing worker of that hotkey, or correct the hotkey in the configuration.',
    },
    OST_SIGN_REFUSED: {
      fault: 'bug',
      what: 'The signing worker refuses to sign a message for "{purpose}": {reason}.',
      todo: 'Nothing was signed. Only commit, download and upload messages are signed besides extrinsics.',
    },
  }),
  ...chainWriteErrors,
  ...weightsErrors,
};
