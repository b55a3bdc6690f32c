import type { ArtifactRef } from '../../domain/artifact.ts';
import type { ModelManifest, ModelPart } from '../../domain/model-manifest.ts';
import { fieldsOf, isCount, isDigest, parseJson } from '../../domain/read-value.ts';
import { isModelHash } from '../../domain/signed-message.ts';
import { bytes } from '../../domain/units.ts';

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function refIn(value: unknown): ArtifactRef | null {
  const { digest, bytes: size, mediaType } = fieldsOf(value);
  if (!isDigest(digest) || !isCount(size)) return null;
  return mediaType === 'application/vnd.safetensors' ? { digest, bytes: bytes(size), mediaType } : null;
}

/** Reads a manifest that a stranger sent, with exactly the fields and their order that ours have; text says why not. */
export function readManifest(text: string): ModelManifest | string {
  const value = parseJson(text);
  if (value === undefined) return 'its manifest is no JSON';
  const { version, hash, parts, full, momentum } = fieldsOf(value);
  if (!isCount(version) || !isModelHash(hash)) return 'its manifest has no version or no hash';
  const readParts = listIn(parts).map((each): ModelPart | null => {
    const { part, ref, hash: partHash } = fieldsOf(each);
    const found = refIn(ref);
    return found !== null && isModelHash(partHash) && (part === 'shared' || isCount(part))
      ? { part, ref: found, hash: partHash }
      : null;
  });
  const readMomentum = listIn(momentum).map((each) => {
    const { part, ref } = fieldsOf(each);
    const found = refIn(ref);
    return found !== null && isCount(part) ? { part, ref: found } : null;
  });
  const fullRef = refIn(full);
  const allParts = readParts.filter((each) => each !== null);
  const allMomentum = readMomentum.filter((each) => each !== null);
  const names = allParts.map(({ part }) => part);
  if (fullRef === null || allParts.length !== readParts.length || allMomentum.length !== readMomentum.length) {
    return 'its manifest names a file that it does not describe';
  }
  if (!names.includes('shared') || new Set(names).size !== names.length)
    return 'its manifest lacks parts or has some twice';
  if (
    allMomentum.some(
      ({ part }, i) => !names.includes(part) || allMomentum.findIndex((each) => each.part === part) !== i,
    )
  ) {
    return 'its manifest has momentum of a part that is not there';
  }
  return { version, hash, parts: allParts, full: fullRef, momentum: allMomentum };
}
