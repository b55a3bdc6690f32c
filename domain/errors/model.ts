import { defineErrors } from './define.ts';

/** The reference model, its graphs, the evaluator and the trainer. */
export const modelErrors = defineErrors({
  OST_MODEL_CHILD_DIED: {
    fault: 'ours',
    what: 'The {role} process ended in the middle of its work ({reason}).',
    todo: 'It is started again by itself; if it stays, look at the memory of this machine.',
  },
  OST_MODEL_PROVIDER: {
    fault: 'config',
    what: 'The execution provider {provider} cannot be used here ({detail}).',
    todo: 'Set evaluator_provider to auto, or install what it needs; "ostinato doctor" tells how to get CUDA.',
  },
  OST_MODEL_CHILD_FAILED: {
    fault: 'ours',
    what: 'The {role} process could not do its work: {detail}.',
    todo: 'If it stays, "ostinato doctor" tells what is missing on this machine.',
  },
  OST_MODEL_EVALUATION_TIMEOUT: {
    fault: 'ours',
    what: 'The evaluation of {rows} rows was not done within {timeoutMs} ms.',
    todo: 'The evaluator is replaced by itself; if it stays, lower eval_rows or give the evaluator more threads.',
  },
  OST_MODEL_SHAPE_MISMATCH: {
    fault: 'miner',
    what: '{file} does not fit the model: {problem}.',
    todo: "Submit exactly the tensors of the group's slice, with the types and shapes that they were served with.",
    status: 400,
  },
  OST_MODEL_GRAPH_MALFORMED: {
    fault: 'config',
    what: 'The graph {file} cannot be used: {problem}.',
    todo: 'Export the model again with "ostinato model export"; the reference model is made by models/exporter.',
  },
  OST_MODEL_GROUPS_MALFORMED: {
    fault: 'config',
    what: 'The expert groups of {folder} cannot be used: {problem}.',
    todo: 'Leave expert_groups/ as "ostinato model export" writes it, or export the model again with --assignment.',
  },
  OST_MODEL_FILE_MISSING: {
    fault: 'config',
    what: 'The model folder {folder} has no {file}.',
    todo: 'Set model_path to a folder with graphs and data, such as models/reference.',
  },
  OST_MODEL_DATASET_MALFORMED: {
    fault: 'config',
    what: 'Line {line} of the data set {file} cannot be used: {problem}.',
    todo: 'Each line or row has the text column that is configured ("text" by default) and, where it belongs to one group, "group".',
  },
  OST_MODEL_ROW_MISSING: {
    fault: 'bug',
    what: 'Row {row} of group {group} was asked for, and there are {available}.',
    todo: 'Check that eval_dataset_path is the one that the cycle was planned with; otherwise please report it.',
  },
  OST_MODEL_TRAINING_DIVERGED: {
    fault: 'config',
    what: 'The losses or gradients of {count} training steps in a row were not finite.',
    todo: 'Lower the learning rate.',
  },
  OST_MODEL_STOPPED: {
    fault: 'ours',
    what: 'The evaluator was closed before it was done.',
    todo: 'It is tried again by itself after the restart.',
  },
});
