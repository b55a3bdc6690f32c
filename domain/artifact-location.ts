import type { HubLocation } from './commit-payload.ts';

/**
 * Where the file lies that a miner committed to. The text of a commitment has 47 bytes for it beside hash, version and
 * group, so its keys say it like this:
 *
 * - neither `r` nor `rv`: the miner pushes it to the validator that it is assigned to;
 * - `r` with `OWNER/NAME`, `rv` with a revision: a Hugging Face repository, as the originals have it;
 * - `r` with a path that begins with `/`: HTTP, on the address that the miner serves on chain;
 * - `r` with `http://…` or `https://…`: HTTP, there.
 *
 * It says only where to look. What is found there counts if its tensors have the committed hash, and a file that was
 * pushed all the same is as good.
 */
export type ArtifactLocation =
  | { readonly kind: 'pushed' }
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'hugging_face'; readonly repo: string; readonly revision: string };

/** Where a validator has to fetch the file itself. */
export type PulledLocation = Exclude<ArtifactLocation, { readonly kind: 'pushed' }>;

const pushed: ArtifactLocation = { kind: 'pushed' };

/** An address as the chain has it; one of all zeros is how a neuron says that it serves nothing. */
export interface ServedAddress {
  readonly ip: string;
  readonly port: number;
}

/** Whether somebody can be reached at an address. */
export const isServed = (axon: ServedAddress | null): axon is ServedAddress =>
  axon !== null && axon.port !== 0 && axon.ip !== '0.0.0.0' && axon.ip !== '::' && axon.ip !== '';

/** The address of an axon as the beginning of a URL. */
export const axonUrl = ({ ip, port }: ServedAddress): string => `http://${ip.includes(':') ? `[${ip}]` : ip}:${port}`;

/** The keys of a commitment for a location as operators write it: a path, an address, or `OWNER/NAME@REVISION`. */
export function locationKeys(text: string): HubLocation {
  const [, repo, revision] = /^([\w.-]+\/[\w.-]+)@([\w.-]+)$/.exec(text) ?? [];
  return repo === undefined || revision === undefined ? { repo: text, revision: null } : { repo, revision };
}

/**
 * Reads the location of a commitment; `axon` is what its hotkey serves on chain. What means nothing is as if it were
 * not there: the miner may push yet.
 */
export function artifactLocation(location: HubLocation | null, axon: ServedAddress | null): ArtifactLocation {
  if (location === null) return pushed;
  const { repo, revision } = location;
  if (/^https?:\/\/[^\s/]+(\/\S*)?$/.test(repo)) return { kind: 'http', url: repo };
  if (/^\/\S*$/.test(repo)) return isServed(axon) ? { kind: 'http', url: `${axonUrl(axon)}${repo}` } : pushed;
  if (!/^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(repo)) return pushed;
  // The originals take no miner without a revision; its branch is as good, since the hash says what has to be in it.
  if (revision !== null && !/^[\w-][\w.-]*$/.test(revision)) return pushed;
  return { kind: 'hugging_face', repo, revision: revision ?? 'main' };
}
