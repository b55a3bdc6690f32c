import { field, group, optional } from '../field.ts';
import { integer, text } from '../value-types.ts';

const server = ['server'] as const;

/** The model server and what it tells the chain about itself. */
export const servingFields = {
  server_host: field(text('an address of this machine', /^[\w.:-]+$/), '0.0.0.0', {
    about: 'Address that the model server listens on.',
    example: '127.0.0.1',
    roles: server,
  }),
  server_port: field(integer(0, 65_535), 8080, {
    about: 'Port that the model server listens on; 0 takes a free one.',
    example: 8080,
    roles: ['validator', 'server'],
  }),
  max_submission_bytes: field(integer(1), 8_589_934_592, {
    about: 'Largest submission in bytes that the model server accepts.',
    example: 8_589_934_592,
    roles: server,
  }),
  accel_redirect_prefix: optional(text('a path that begins with /', /^\/[\w./-]*$/), {
    about:
      'Path under which nginx, before the model server, finds the files of checkpoint_cache_dir. Empty: the model server sends them itself.',
    example: '/artifacts/',
    roles: server,
  }),
  axon: group('What the chain is told about the model server.', {
    external_ip: optional(text('an IP address', /^[\d.]+$|^[\da-fA-F:.]+$/), {
      about: 'Address under which others reach the model server, written on chain. Empty: nothing is written.',
      example: '203.0.113.7',
      roles: ['validator'],
    }),
    external_port: optional(integer(1, 65_535), {
      about: 'Port under which others reach the model server. Empty: server_port.',
      example: 443,
      roles: ['validator'],
    }),
  }),
};
