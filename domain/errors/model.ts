import { defineErrors } from './define.ts';

/** The reference model, its graphs, the evaluator and the trainer. */
export const modelErrors = defineErrors({
  OST_MODEL_CHILD_DIED: {
    fault: 'ours',
    what: 'The {role} process ended in the middle of its work ({reason}).',
    todo: 'It is started again by itself; if it stays, look at the memory of this machine.',
  },
});
