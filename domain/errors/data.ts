import { defineErrors } from './define.ts';

/** Data sets, and the hub that they come from. */
export const dataErrors = defineErrors({
  OST_DATASET_FORBIDDEN: {
    fault: 'config',
    what: 'The data set {dataset} must be authenticated: the hub answered {status} ({reason}).',
    todo: 'HF_TOKEN is missing in .env or may not read it, or the licence of the gated data set is not accepted: accept it at {page} with the account that the token is of.',
  },
  OST_DATASET_NOT_FOUND: {
    fault: 'config',
    what: 'The hub does not know {dataset} ({reason}).',
    todo: 'Check owner, name and revision at {page}; a private one needs HF_TOKEN in .env.',
  },
  OST_DATASET_UNAVAILABLE: {
    fault: 'ours',
    what: 'The hub did not hand out {dataset}: {detail}.',
    todo: 'Check the network and HF_ENDPOINT, and start again; what has arrived is kept.',
  },
  OST_DATASET_ANSWER: {
    fault: 'peer',
    what: 'The hub describes {dataset} in a way that cannot be used: {problem}.',
    todo: 'Check that HF_ENDPOINT is a Hugging Face hub.',
  },
  OST_DATASET_NO_FILES: {
    fault: 'config',
    what: 'Nothing of {dataset} can be read: {problem}.',
    todo: 'Name files in Parquet or JSON lines, for instance "hf:OWNER/NAME@REVISION:data/validation-*.parquet".',
  },
  OST_DATASET_FILE: {
    fault: 'config',
    what: 'The data set file {file} cannot be read: {problem}.',
    todo: 'Fetch or write it again; Parquet and JSON lines are read, the latter also compressed with gzip.',
  },
  OST_DATASET_TOO_SHORT: {
    fault: 'config',
    what: 'Group {group} has {tokens} tokens of text to {use}; at least {least} are needed.',
    todo: 'Name a larger data set (eval_dataset_path of a validator, training.dataset_path of a miner), or one with texts for every group.',
  },
  OST_DATASET_TOKENIZER: {
    fault: 'config',
    what: 'The tokenizer of {folder} cannot be used: {problem}.',
    todo: 'Export the model again, with the tokenizer.json and tokenizer_config.json that belong to it.',
  },
});
