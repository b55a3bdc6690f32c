import type { Bytes } from './units.ts';

/** Points at bytes in a content-addressed store. Workflows carry these, never the bytes. */
export interface ArtifactRef {
  /** Lower-case hex SHA-256 of the whole file: its name in the store and its ETag on the wire. */
  readonly digest: string;
  readonly bytes: Bytes;
  readonly mediaType: MediaType;
}

export type MediaType = 'application/vnd.safetensors' | 'application/json' | 'application/octet-stream';
