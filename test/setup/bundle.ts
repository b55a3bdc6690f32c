import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflows } from '../../workers/bundle.ts';

export { bundleWorkflows };

/** Where the workflows are; every exported function of that file is a workflow type. */
export const WORKFLOWS_PATH = join(import.meta.dirname, '../../workflows/index.ts');

/** Bundles the project's workflows into a file of the folder; nothing where there are none yet. */
export async function writeWorkflowBundle(folder: string): Promise<string | undefined> {
  if (!existsSync(WORKFLOWS_PATH)) return undefined;
  const path = join(folder, 'workflows.bundle.cjs');
  writeFileSync(path, await bundleWorkflows(WORKFLOWS_PATH));
  return path;
}
