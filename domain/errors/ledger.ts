import { defineErrors } from './define.ts';

/** The ledger. */
export const ledgerErrors = defineErrors({
  OST_LEDGER_BUSY: {
    fault: 'ours',
    what: 'The ledger {file} stayed locked by another process ({detail}).',
    todo: 'It is tried again by itself; if it stays, look for a program that holds the file open, such as a backup.',
  },
  OST_LEDGER_FULL: {
    fault: 'ours',
    what: 'The ledger {file} cannot grow: the disk or its quota is full.',
    todo: 'Free some space; nothing is half written, and the work goes on by itself.',
  },
  OST_LEDGER_UNWRITABLE: {
    fault: 'config',
    what: 'The ledger {file} cannot be opened for writing ({detail}).',
    todo: 'Make the file and its folder writable for the user that runs Ostinato.',
  },
  OST_LEDGER_CORRUPT: {
    fault: 'ours',
    what: 'The ledger {file} is damaged: {detail}.',
    todo: 'Stop all processes, keep a copy of the file for inspection, and restore it from a backup.',
    retry: false,
  },
  OST_LEDGER_IO: {
    fault: 'ours',
    what: 'The ledger {file} could not be read or written ({detail}).',
    todo: 'It is tried again by itself; if it stays, check the disk.',
  },
  OST_LEDGER_NEWER: {
    fault: 'config',
    what: 'The ledger {file} was written by a newer Ostinato (it knows the migration {migration}).',
    todo: 'Run at least that version; going back would lose what it wrote.',
  },
  OST_LEDGER_FAILED: {
    fault: 'bug',
    what: 'The ledger {file} refused a statement: {detail}.',
    todo: 'Report it with the log of this process.',
  },
  OST_CYCLE_CONFLICT: {
    fault: 'bug',
    what: 'Cycle {cycle} of {hotkey} is already in the ledger with the root {stored}, not {offered}.',
    todo: 'The stored one stays. If the same hotkey runs elsewhere on this ledger, stop one of the two.',
  },
  OST_CYCLE_NONE: {
    fault: 'operator',
    what: 'The ledger holds no finished cycle of {hotkey}.',
    todo: 'Wait for the first one; "ostinato cycle status" says where it is.',
  },
  OST_CYCLE_UNKNOWN: {
    fault: 'operator',
    what: 'The ledger holds no cycle {cycle} of {hotkey}.',
    todo: '"ostinato cycle status" names the cycles that are there; one that still runs is stored when it ends.',
  },
});
