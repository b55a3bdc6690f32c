import { defineErrors } from './define.ts';

/** Finding, starting and reaching Temporal. */
export const temporalErrors = defineErrors({
  OST_TEMPORAL_UNREACHABLE: {
    fault: 'ours',
    what: 'No Temporal server answers at {address}.',
    todo: 'Start it, or unset TEMPORAL_ADDRESS to have one started.',
  },
  OST_TEMPORAL_NO_BINARY: {
    fault: 'config',
    what: 'No Temporal CLI was found, and none could be made: {tried}',
    todo: 'Do one of these: put the "temporal" program (1.5 or newer) on PATH; name it by TEMPORAL_CLI_PATH; copy it to {cachePath}; install Go 1.26.4 or newer, or python3 with venv and pip, so that it can be built; or name a running server by TEMPORAL_ADDRESS.',
  },
  OST_TEMPORAL_CLI_PATH: {
    fault: 'config',
    what: 'TEMPORAL_CLI_PATH names {path}, which cannot be used: {reason}.',
    todo: 'Name a Temporal CLI of version 1.5 or newer, or unset TEMPORAL_CLI_PATH.',
  },
  OST_TEMPORAL_START_FAILED: {
    fault: 'ours',
    what: 'The embedded Temporal server did not start: {reason}',
    todo: 'Look at the end of {logFile}.',
  },
  OST_TEMPORAL_NAMESPACE: {
    fault: 'config',
    what: 'The Temporal namespace {namespace} cannot be used: {reason}',
    todo: 'Create the namespace, or give this identity the right to, or name another one.',
  },
  OST_TEMPORAL_SEARCH_ATTRIBUTE: {
    fault: 'config',
    what: 'The search attribute {name} of namespace {namespace} cannot be used: {reason}',
    todo: 'Register it by "temporal operator search-attribute create", or use a namespace of its own for Ostinato.',
  },
});
