import { join } from 'node:path';

export { bundleWorkflows, workflowBundle } from '../../workers/bundle.ts';

/** Where the workflows are; every exported function of that file is a workflow type. */
export const WORKFLOWS_PATH = join(import.meta.dirname, '../../workflows/index.ts');
