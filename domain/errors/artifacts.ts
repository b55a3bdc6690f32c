import { defineErrors } from './define.ts';

/** Safetensors files, the content-addressed store and transfers. */
export const artifactErrors = defineErrors({
  OST_ARTIFACT_MISSING: {
    fault: 'ours',
    what: 'The artefact {digest} is not in the store {folder}.',
    todo: 'Fetch it again from the model server, or restore the folder from a backup.',
  },
});
