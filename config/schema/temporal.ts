import { field, group, optional } from '../field.ts';
import { integer, text } from '../value-types.ts';

const everybody = ['validator', 'server', 'miner'] as const;

/** Which Temporal, where TEMPORAL_* variables and temporal.toml do not say it. */
export const temporalFields = group('The Temporal server and namespace.', {
  address: optional(text('an address such as 127.0.0.1:7233', /^[^\s:/]+:\d{1,5}$|^\[[^\s\]]+\]:\d{1,5}$/), {
    about:
      'Address of a Temporal server without TLS and login; TEMPORAL_ADDRESS and temporal.toml win over it. Empty: ' +
      'an embedded server.',
    example: '127.0.0.1:7233',
    roles: everybody,
  }),
  namespace: optional(text('a name of letters, digits, dots and dashes', /^[\w][\w.-]{1,62}$/), {
    about: 'Temporal namespace of this deployment; TEMPORAL_NAMESPACE wins over it. Empty: made from role and hotkey.',
    example: 'validator-main',
    roles: everybody,
  }),
  retention_days: field(integer(1, 365), 7, {
    about: 'Days for which Temporal keeps closed workflows, where Ostinato registers the namespace.',
    example: 14,
    roles: everybody,
  }),
});
