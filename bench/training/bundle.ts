import { join } from 'node:path';
import { createContext, runInContext, Script } from 'node:vm';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { bundleWorkflows } from '../../workers/bundle.ts';
import { spreadOf } from '../chain/spread.ts';

// What each cached workflow costs before it does anything: an evaluation of the bundle, and the memory of it. Against the
// bundle that the SDK makes by itself. Run with --expose-gc. Arguments: [rounds]

const [rounds = 5] = process.argv.slice(2).map(Number);
const copies = 200;
const workflowsPath = join(import.meta.dirname, '../../workflows/index.ts');
const { gc } = globalThis;
if (gc === undefined) throw new Error('run with --expose-gc');

/** As the SDK's reusable context does it: one context, and a module cache for each workflow. */
function evaluator(code: string): () => unknown {
  const script = new Script(code);
  const context = createContext({
    TextEncoder,
    TextDecoder,
    AbortController,
    assert: {},
    __webpack_module_cache__: {},
    __temporal_globalSandboxDestructors: [],
  });
  return () => {
    runInContext('__webpack_module_cache__ = {}', context);
    script.runInContext(context);
    return runInContext('__TEMPORAL__.importWorkflows()', context);
  };
}

function measure(evaluate: () => unknown): { readonly ms: number; readonly kib: number } {
  gc?.();
  const before = process.memoryUsage().heapUsed;
  const began = performance.now();
  const kept = Array.from({ length: copies }, evaluate);
  const ms = (performance.now() - began) / kept.length;
  gc?.();
  return { ms, kib: (process.memoryUsage().heapUsed - before) / 1024 / kept.length };
}

const logger = new DefaultLogger('ERROR');
const [ours, plain] = [
  await bundleWorkflows(workflowsPath),
  (await bundleWorkflowCode({ workflowsPath, logger })).code,
];
const [evaluateOurs, evaluatePlain] = [evaluator(ours), evaluator(plain)];
for (const evaluate of [evaluateOurs, evaluatePlain]) measure(evaluate);
const found = Array.from({ length: rounds }, () => ({ ours: measure(evaluateOurs), plain: measure(evaluatePlain) }));
const figures = {
  ms: spreadOf(found.map(({ ours: { ms } }) => ms)),
  kib: spreadOf(found.map(({ ours: { kib } }) => kib)),
  msRatio: spreadOf(found.map((each) => each.ours.ms / each.plain.ms)),
  kibRatio: spreadOf(found.map((each) => each.ours.kib / each.plain.kib)),
};
process.stdout.write(`${JSON.stringify({ name: 'bundle', figures })}\n`);
