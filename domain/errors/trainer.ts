import { defineErrors } from './define.ts';

/** A miner's trainer: the built-in one of several processes, and a command of the operator's own. */
export const trainerErrors = defineErrors({
  OST_TRAINER_RANK_DIED: {
    fault: 'ours',
    what: 'The process of rank {rank} of the training ended in the middle of its work ({reason}).',
    todo: 'The training goes on by itself from its last checkpoint; if it stays, look at the memory of this machine.',
  },
  OST_TRAINER_PRECISION: {
    fault: 'config',
    what: 'The built-in trainer computes in fp32, and training.precision is {precision}.',
    todo: 'Set training.precision to fp32, or training.command to a trainer that knows {precision}.',
  },
  OST_TRAINER_COMMAND_NOT_STARTED: {
    fault: 'config',
    what: 'The training command {command} could not be started: {reason}.',
    todo: 'Set training.command to a program that is there and may be executed; the first word is the program.',
  },
  OST_TRAINER_COMMAND_EXITED: {
    fault: 'ours',
    what: 'The training command ended with exit code {code} before it was done. Its last words: {words}',
    todo: 'It is started again by itself with its last checkpoint; its whole standard error is in {log}.',
  },
  OST_TRAINER_COMMAND_KILLED: {
    fault: 'ours',
    what: 'The training command was ended by {signal}. Its last words: {words}',
    todo: 'It is started again by itself with its last checkpoint. SIGKILL often means that memory ran out.',
  },
  OST_TRAINER_COMMAND_SILENT: {
    fault: 'ours',
    what: 'The training command has said nothing for {seconds} s and was ended.',
    todo: 'It is started again by itself. Let it write a heartbeat line, or raise training.command_silence_seconds.',
  },
  OST_TRAINER_COMMAND_LINE: {
    fault: 'config',
    what: 'Line {line} that the training command wrote cannot be read ({problem}): {text}',
    todo: 'Write one JSON object a line as docs/miner.md describes; anything else belongs on standard error.',
  },
  OST_TRAINER_COMMAND_PATH: {
    fault: 'config',
    what: 'The training command named the checkpoint {path}, which does not lie in {folder}.',
    todo: 'Let it write its checkpoints into the folder that it is given.',
  },
  OST_TRAINER_COMMAND_CHECKPOINT: {
    fault: 'config',
    what: 'The checkpoint {path} of the training command is no safetensors file of group {group}: {problem}.',
    todo: "Let it write exactly the group's tensors, with names, types and shapes of the base that it is given.",
  },
  OST_TRAINER_COMMAND_NOTHING: {
    fault: 'config',
    what: 'The training command ended without any checkpoint.',
    todo: 'Let it write a checkpoint before it ends, as docs/miner.md describes.',
  },
});
