import { defineErrors } from './define.ts';

/** Configuration files, environment and flags. */
export const configErrors = defineErrors({
  OST_CONFIG_UNKNOWN_KEY: {
    fault: 'config',
    what: '{source} has the unknown field "{key}".',
    todo: 'Did you mean "{nearest}"? docs/configuration.md lists all fields.',
  },
  OST_CONFIG_UNKNOWN_VARIABLE: {
    fault: 'config',
    what: '{source} sets {variable}, which Ostinato does not know.',
    todo: 'Did you mean {nearest}? docs/configuration.md lists all variables; unset it if it is for another program.',
  },
  OST_CONFIG_VALUE: {
    fault: 'config',
    what: '{source}: {key} is {value}, but must be {expectation}.',
    todo: 'Correct it, for example "{key}: {example}", or leave it out for the default.',
  },
  OST_CONFIG_PROBLEMS: {
    fault: 'config',
    what: '{count} settings are wrong:{list}',
    todo: 'Correct all of them; "ostinato config show" prints every value with the place that it comes from.',
  },
  OST_CONFIG_SYNTAX: {
    fault: 'config',
    what: '{source} is not valid YAML: {detail}',
    todo: 'Correct that line; "ostinato config init" writes a file to compare with.',
  },
  OST_CONFIG_UNREADABLE: {
    fault: 'config',
    what: '{file} cannot be read: {detail}.',
    todo: 'Make it readable for the user that Ostinato runs as.',
  },
  OST_CONFIG_NO_FILE: {
    fault: 'config',
    what: 'There is no config.yaml in {folder}.',
    todo: 'Correct --path, or write one with "ostinato config init --role {role} --hotkey NAME --path {folder}".',
  },
  OST_CONFIG_DATA_DIR: {
    fault: 'config',
    what: '{source} sets DATA_DIR to {folder}, which is no folder.',
    todo: 'Point DATA_DIR at the folder that checkpoints/ lies in, or leave it out for the working directory.',
  },
  OST_CONFIG_NO_DEPLOYMENT: {
    fault: 'config',
    what: 'There is no {role} deployment under {root}.',
    todo: 'Write one with "ostinato config init --role {role} --hotkey NAME", name its directory with --path, or correct DATA_DIR in .env.',
  },
  OST_CONFIG_SEVERAL_DEPLOYMENTS: {
    fault: 'config',
    what: 'There are {count} {role} deployments under {root}:{list}',
    todo: 'Name one of them with --path.',
  },
  OST_CONFIG_EXISTS: {
    fault: 'operator',
    what: '{file} exists already and was left as it is.',
    todo: 'Edit it, choose another --run, or overwrite it with --force.',
  },
  OST_CONFIG_NAME: {
    fault: 'operator',
    what: 'The {what} "{name}" cannot be the name of a directory.',
    todo: 'Use letters, digits, dots, dashes and underscores.',
  },
});
