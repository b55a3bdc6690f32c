import type { ArtifactRef } from './artifact.ts';

/** What a file of a model holds: what all groups share, or one expert group's tensors. */
export type Part = 'shared' | number;

/**
 * One version of the model, file by file. The manifest is an artefact itself, and its digest stands for the whole:
 * workflows carry that digest and nothing else.
 */
export interface ModelManifest {
  /** The block at which MinerCommit1 began in the cycle that produced it; 0 for the base. */
  readonly version: number;
  /** The original's tensor hash over all tensors of all parts. */
  readonly hash: string;
  readonly parts: readonly ModelPart[];
  /** All tensors in one file, as peers fetch it. */
  readonly full: ArtifactRef;
  /**
   * The outer optimizer's momentum of each group that has had a step. Part of the model: without it the next step
   * would differ from the peers'.
   */
  readonly momentum: readonly { readonly part: number; readonly ref: ArtifactRef }[];
}

export interface ModelPart {
  readonly part: Part;
  readonly ref: ArtifactRef;
  /** Tensor hash of this part alone. */
  readonly hash: string;
}

/** A manifest with the digest that it is stored under. */
export interface PublishedModel {
  readonly manifest: ModelManifest;
  readonly manifestDigest: string;
}
