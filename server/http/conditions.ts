import type { IncomingHttpHeaders } from 'node:http';

/** The strong entity tag of content with this digest. */
export const etagOf = (digest: string): string => `"${digest}"`;

const tagsOf = (header: string): readonly string[] => header.split(',').map((tag) => tag.trim());

/** What the conditions of a request (RFC 9110, section 13) make of content with this tag. */
export type ConditionAnswer = 'go' | 'not_modified' | 'precondition_failed';

export function checkConditions(headers: IncomingHttpHeaders, etag: string): ConditionAnswer {
  const match = headers['if-match'];
  if (match !== undefined && match.trim() !== '*' && !tagsOf(match).includes(etag)) return 'precondition_failed';
  const none = headers['if-none-match'];
  if (none === undefined) return 'go';
  // This comparison alone is weak: a cache may hold our tag in a weakened form.
  const held = tagsOf(none).map((tag) => tag.replace(/^W\//, ''));
  return none.trim() === '*' || held.includes(etag) ? 'not_modified' : 'go';
}

/** Whether a range may be served: without If-Range always, with it only for the very content that the client holds. */
export const rangeStillFits = (ifRange: string | string[] | undefined, etag: string): boolean =>
  ifRange === undefined || ifRange === etag;
