import { defineErrors } from './define.ts';

/** Processes, ports and the state folder. */
export const processErrors = defineErrors({
  OST_PORT_BUSY: {
    fault: 'config',
    what: 'Port {port} for {purpose} is in use by {holder}.',
    todo: 'Stop that program or configure another port.',
  },
  OST_PORT_NONE_FREE: {
    fault: 'ours',
    what: 'No free port was found from {port} to {last}.',
    todo: 'Stop programs that listen there, or configure a port.',
  },
  OST_STATE_LOCKED: {
    fault: 'operator',
    what: 'The state folder {folder} is in use by {holder}.',
    todo: 'Stop that process, or give another folder with --state.',
  },
  OST_LOCK_TIMEOUT: {
    fault: 'ours',
    what: '{holder} has held {path} for more than {timeoutMs} ms.',
    todo: 'Wait until it is done, or stop that process.',
  },
  OST_CHILD_NOT_STARTED: {
    fault: 'ours',
    what: '{label} could not be started with {command}: {reason}',
    todo: 'Check that the program is there and may be executed.',
  },
  OST_PROCESS_UNSTOPPABLE: {
    fault: 'ours',
    what: '{label} (process {pid}) is still there {timeoutMs} ms after SIGKILL.',
    todo: 'It hangs in the kernel, most often on a disk or a network file system; look at that.',
  },
  OST_DEMO_PROCESS_ENDED: {
    fault: 'ours',
    what: 'The process "{label}" of the demo ended by itself ({how}).',
    todo: 'Its log is in {log}. Nothing is lost: start again to go on.',
  },
  OST_DEMO_TOO_LARGE: {
    fault: 'operator',
    what: 'The demo has names for {validators} validators and {miners} miners at most.',
    todo: 'Ask for fewer; two cores are busy with three validators and eight miners.',
  },
  OST_DEMO_INTERRUPTED: {
    fault: 'operator',
    what: 'The start was interrupted.',
    todo: 'Start again to go on from here.',
  },
});
