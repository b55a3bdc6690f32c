import type { ModelRecord } from '../../domain/cycle-record.ts';
import type { PublishedModel } from '../../domain/model-manifest.ts';

export const modelRecord = ({ manifest, manifestDigest }: PublishedModel): ModelRecord => ({
  hash: manifest.hash,
  version: manifest.version,
  manifest: manifestDigest,
});
