import { defineErrors } from './define.ts';

/** Configuration files, environment and flags. */
export const configErrors = defineErrors({
  OST_CONFIG_UNKNOWN_KEY: {
    fault: 'config',
    what: '{source} has the unknown field "{key}".',
    todo: 'Did you mean "{nearest}"? "ostinato config show --help" lists all fields.',
  },
});
