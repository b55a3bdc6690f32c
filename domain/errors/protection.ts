import { defineErrors } from './define.ts';

/** The protection record, and the files that it is exported to and imported from. */
export const protectionErrors = defineErrors({
  OST_PROTECTION_CONFLICT: {
    fault: 'bug',
    what: 'Another weight vector was already signed for period {period} of subnet {netuid} by {hotkey}.',
    todo: 'Nothing was signed. If the same hotkey runs elsewhere, stop one of the two.',
  },
  OST_PROTECTION_SEALED: {
    fault: 'operator',
    what: 'Period {period} of subnet {netuid} is sealed for {hotkey}: {vectors} different vectors are known to have been signed for it, or one that is not known.',
    todo: 'Nothing was signed, and nothing will be for this period. The next period is free.',
  },
  OST_PROTECTION_BEFORE_HISTORY: {
    fault: 'operator',
    what: 'The protection record of {hotkey} on subnet {netuid} is complete from period {completeFrom} on; what else was signed for period {period} is not known.',
    todo: 'Nothing was signed. Import the whole history if that period has to be signed for.',
  },
  OST_PROTECTION_MALFORMED: {
    fault: 'bug',
    what: 'A weight vector of {hotkey} for period {period} cannot be recorded: {problem}.',
    todo: 'Nothing was signed. Report it with the log of this process.',
  },
  OST_PROTECTION_FILE: {
    fault: 'operator',
    what: '{source} is no protection history: {problem}.',
    todo: 'Nothing was imported. Export it again; docs/protection.md describes the format.',
  },
  OST_PROTECTION_FILE_VERSION: {
    fault: 'operator',
    what: '{source} is a protection history of version {version}; this Ostinato reads version {known}.',
    todo: 'Nothing was imported. Import it with the version that wrote it, or a later one.',
  },
  OST_PROTECTION_FILE_UNREADABLE: {
    fault: 'operator',
    what: '{source} cannot be read or written: {detail}.',
    todo: 'Name another file, or make it accessible for this user.',
  },
  OST_PROTECTION_FILE_EXISTS: {
    fault: 'operator',
    what: '{file} exists already and was left as it is.',
    todo: 'Name another file, or overwrite it with --force.',
  },
  OST_PROTECTION_OTHER_GENESIS: {
    fault: 'operator',
    what: '{source} is the history of the chain {found}, not of {expected}.',
    todo: 'Nothing was imported. Export it for this chain, or name the other one with --genesis if it is meant.',
  },
  OST_PROTECTION_SEVERAL_CHAINS: {
    fault: 'operator',
    what: 'The record knows {count} chains: {list}.',
    todo: 'Name one of them with --genesis: a history is of one chain.',
  },
});
