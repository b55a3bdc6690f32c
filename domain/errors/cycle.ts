import { defineErrors } from './define.ts';

/** Cycles, submissions and scores. */
export const cycleErrors = defineErrors({
  OST_CYCLE_PHASE_MISSED: {
    fault: 'ours',
    what: 'The phase {phase} of cycle {cycle} ended at block {endBlock}, before its work was done.',
    todo: 'The next cycle goes on by itself; if it stays, the machine is too slow for this schedule.',
  },
  OST_MODEL_BASE_MISSING: {
    fault: 'config',
    what: '{folder} holds no base model: no model_shared.safetensors beside model_expgroup_N.safetensors files.',
    todo: 'Set model_path to the folder that holds the model with its expert groups, or to "reference"; a relative one in config.yaml starts from the deployment, which lies below DATA_DIR.',
  },
  OST_MODEL_PART_DAMAGED: {
    fault: 'ours',
    what: 'The file {digest} of our own model is damaged: {problem}',
    todo: 'Look after the disk. Before the next cycle begins, the file is made anew or fetched from another validator.',
    status: 503,
  },
  OST_MODEL_DTYPE: {
    fault: 'config',
    what: 'The tensor {tensor} is of type {dtype}, and the outer step takes F32, BF16 and F16.',
    todo: 'Convert the base model to one of them.',
  },
  OST_WEIGHTS_NOTHING_PENDING: {
    fault: 'config',
    what: 'No vector of cycle {cycle} waits for an operator.',
    todo: '"ostinato weights show" tells what waits, and what became of the last ones.',
  },
  OST_WEIGHTS_DECISION: {
    fault: 'config',
    what: 'The decision on the weights cannot be followed: {problem}.',
    todo: 'Look at the vector with "ostinato weights show" and decide again.',
  },
  OST_WEIGHTS_AMENDMENT: {
    fault: 'config',
    what: '{file} is no weight vector: {problem}.',
    todo: 'Give a JSON object with a hotkey and a number for each miner; the numbers are scaled.',
  },
  OST_CYCLE_NO_MODEL: {
    fault: 'config',
    what: 'Nothing is published in {folder}, so that there is no model to judge by.',
    todo: 'Start "ostinato validator" once with a model_path that exists.',
  },
  OST_MINER_NO_VALIDATOR: {
    fault: 'chain',
    what: 'No validator of subnet {netuid} with a permit serves an address on chain.',
    todo: 'It is looked for again by itself; validator_hotkey names one to wait for.',
  },
  OST_MINER_SLICE_UNFIT: {
    fault: 'peer',
    what: 'The slice of group {group} from {url} is not what it says: {problem}.',
    todo: 'It is fetched again; if it stays, name another validator in validator_hotkey.',
    retry: true,
  },
  OST_SIGNER_WITHHELD: {
    fault: 'config',
    what: 'The deployment is in mode {mode}, in which nothing is signed for the chain; {key} was asked for.',
    todo: 'Set weights.mode to vote or full, and start the validator again, where it is to sign.',
  },
  OST_SIGNER_NOT_STARTED: {
    fault: 'config',
    what: 'The signing worker did not start ({reason}).',
    todo: 'Check the wallet settings; "ostinato doctor" tells what is wrong with them.',
  },
  OST_VALIDATOR_NEVER_RAN: {
    fault: 'operator',
    what: 'The validator in {folder} has never run, so its hotkey is not known.',
    todo: 'Start "ostinato validator" of that directory once.',
  },
});
