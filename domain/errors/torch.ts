import { defineErrors } from './define.ts';

/** Files of torch.save, which are read without running anything that they say. */
export const torchErrors = defineErrors({
  OST_TORCH_LEGACY: {
    fault: 'miner',
    what: '{file} is in the format that torch.save had before version 1.6 ({format}).',
    todo: 'Load it and save it again with a torch of today, or as safetensors: safetensors.torch.save_file(state, "{file}.safetensors").',
    status: 400,
  },
  OST_TORCH_ARCHIVE: {
    fault: 'miner',
    what: '{file} is no archive as torch.save writes it: {problem}.',
    todo: 'Save the state dictionary again with torch.save(state, path), or as safetensors.',
    status: 400,
  },
  OST_TORCH_PICKLE: {
    fault: 'miner',
    what: 'The pickle of {file} was refused at byte {offset} ({opcode}): {problem}.',
    todo: 'Save a plain dictionary from names to tensors, with torch.save as it comes; nothing else is read.',
    status: 400,
  },
  OST_TORCH_STATE: {
    fault: 'miner',
    what: '{file} holds no dictionary of tensors: {problem}.',
    todo: 'Save model.state_dict(), or dict(model_state_dict=model.state_dict(), loss=loss).',
    status: 400,
  },
  OST_TORCH_TENSOR: {
    fault: 'miner',
    what: 'The tensor "{tensor}" of {file} cannot be read: {problem}.',
    todo: 'Save it as tensor.detach().contiguous().cpu().',
    status: 400,
  },
});
