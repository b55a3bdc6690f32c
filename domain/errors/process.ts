import { defineErrors } from './define.ts';

/** Processes, ports and the state folder. */
export const processErrors = defineErrors({
  OST_PORT_BUSY: {
    fault: 'config',
    what: 'Port {port} for {purpose} is in use by {holder}.',
    todo: 'Stop that program or configure another port.',
  },
});
