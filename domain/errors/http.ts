import { defineErrors } from './define.ts';

/** The model server and its clients. */
export const httpErrors = defineErrors({
  OST_HTTP_UNAUTHORIZED: {
    fault: 'peer',
    what: 'The request to {path} carries no valid bearer token.',
    todo: 'Send "Authorization: Bearer …" with the token of BZ_AUTH_TOKEN.',
    status: 401,
  },
});
