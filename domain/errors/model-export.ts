import { defineErrors } from './define.ts';

/** `ostinato model export`: a Python program that makes a model bundle of a checkpoint. */
export const modelExportErrors = defineErrors({
  OST_EXPORT_PYTHON: {
    fault: 'operator',
    what: 'The Python "{python}" cannot be run: {reason}.',
    todo: 'Install Python 3.11 or newer, or name one with --python, such as that of a virtual environment.',
  },
  OST_EXPORT_REQUIREMENTS: {
    fault: 'operator',
    what: 'The Python "{python}" lacks what the export needs: {missing}.',
    todo: 'Make an environment for it: python3 -m venv export-env && export-env/bin/pip install -r {requirements}; then --python export-env/bin/python. --any-version goes on with other versions.',
  },
  OST_EXPORT_CHECKPOINT: {
    fault: 'operator',
    what: 'The checkpoint {folder} cannot be exported: {problem}.',
    todo: 'Name a folder as transformers saves it: config.json, tokenizer.json and safetensors files.',
  },
  OST_EXPORT_UNSUPPORTED: {
    fault: 'operator',
    what: 'The export does not support {problem}.',
    todo: 'docs/models.md lists what can be exported.',
  },
  OST_EXPORT_GROUPS: {
    fault: 'operator',
    what: 'The experts cannot be divided: {problem}.',
    todo: 'Give --groups a number that the experts suffice for, or --assignment a JSON list as docs/models.md describes.',
  },
  OST_EXPORT_CORPUS: {
    fault: 'operator',
    what: 'The corpus {folder} has no {file}.',
    todo: 'Give each group a text to train on and a held-out one, or leave --corpus out and set eval_dataset_path.',
  },
  OST_EXPORT_TARGET: {
    fault: 'operator',
    what: '{folder} exists already.',
    todo: 'Name another folder with --to, or remove this one.',
  },
  OST_EXPORT_CHECK: {
    fault: 'operator',
    what: 'The exported graphs and torch disagree: {problem}.',
    todo: 'Do not use the bundle; export with the pinned versions, and report it if it stays.',
  },
  OST_EXPORT_FAILED: {
    fault: 'ours',
    what: 'The export ended with {how}. Its last words: {words}',
    todo: 'SIGKILL often means that memory ran out; otherwise try the pinned versions, and report it if it stays.',
  },
});
