/** What a 206 or 416 answer says about its part; `begin` is null where no part was sent. */
export interface ContentRange {
  readonly begin: number | null;
  readonly total: number | null;
}

/** Reads `bytes 5-9/20`, `bytes 5-9/*` and `bytes * /20`; null for anything else. */
export function parseContentRange(header: string | undefined): ContentRange | null {
  const match = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(header ?? '');
  if (match === null) return null;
  const [, begin, , total] = match;
  return {
    begin: begin === undefined ? null : Number(begin),
    total: total === undefined || total === '*' ? null : Number(total),
  };
}
