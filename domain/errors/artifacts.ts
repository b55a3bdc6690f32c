import { defineErrors } from './define.ts';

/** Safetensors files, the content-addressed store, transfers and what is committed about them. */
export const artifactErrors = defineErrors({
  OST_ARTIFACT_MISSING: {
    fault: 'ours',
    what: 'The artefact {digest} is not in the store {folder}.',
    todo: 'Fetch it again from the model server, or restore the folder from a backup.',
    status: 503,
  },
  OST_ARTIFACT_DIGEST: {
    fault: 'ours',
    what: 'The bytes of {name} have the SHA-256 {actual}, not {expected}.',
    todo: 'The file was damaged on its way or on disk: remove it and fetch it again.',
  },
  OST_ARTIFACT_LENGTH: {
    fault: 'ours',
    what: '{name} has {actual} bytes, not {expected}.',
    todo: 'The transfer was cut short or the file was changed: fetch it again.',
  },
  OST_ARTIFACT_TOO_LARGE: {
    fault: 'peer',
    what: '{name} is larger than the {limitBytes} bytes allowed.',
    todo: 'Send a smaller file, or raise the limit.',
    status: 413,
  },
  OST_DISK_FULL: {
    fault: 'ours',
    what: 'The disk of {folder} is full: {neededBytes} more bytes were needed.',
    todo: 'Free some space, or move the folder to a larger disk; the work is then tried again by itself.',
    status: 507,
  },
  OST_DISK_READ_ONLY: {
    fault: 'ours',
    what: 'The disk of {folder} can only be read.',
    todo: 'Look in the kernel log why it was mounted read-only, and mount it for writing; the work is then tried again by itself.',
    status: 507,
  },
  OST_ARTIFACT_CHUNK: {
    fault: 'peer',
    what: '{url} sends other bytes for chunk {index} than its own list says, {times} times now.',
    todo: 'Its disk or the way to it damages bytes; tell its operator. It is tried again by itself.',
    retry: true,
  },
  OST_SAFETENSORS_TRUNCATED: {
    fault: 'miner',
    what: '{file} is no safetensors file: {problem}.',
    todo: 'Write the whole file again; its first eight bytes give the length of the header.',
    status: 400,
  },
  OST_SAFETENSORS_HEADER: {
    fault: 'miner',
    what: 'The safetensors header of {file} is malformed: {problem}.',
    todo: 'Write the file with a safetensors library.',
    status: 400,
  },
  OST_SAFETENSORS_TENSOR: {
    fault: 'miner',
    what: 'The tensor "{tensor}" of {file} is declared wrongly: {problem}.',
    todo: 'Write the file with a safetensors library.',
    status: 400,
  },
  OST_SAFETENSORS_LAYOUT: {
    fault: 'miner',
    what: 'The tensors of {file} do not fill its data exactly: {problem}.',
    todo: 'Write the file with a safetensors library; tensors follow one another without holes.',
    status: 400,
  },
  OST_TENSOR_NAME_TWICE: {
    fault: 'ours',
    what: 'The tensor "{tensor}" is in more than one of the files that are hashed together.',
    todo: 'Give each tensor to one part only.',
  },
  OST_COMMIT_TOO_LONG: {
    fault: 'bug',
    what: 'The commitment would have {sizeBytes} bytes; the chain takes {maxBytes}.',
    todo: 'Leave out the location of the files, or give a shorter one.',
  },
  OST_COMMIT_FIELD: {
    fault: 'bug',
    what: 'The commitment cannot hold {value} as "{field}".',
    todo: 'Nothing was committed. Please report it together with the log.',
  },
  OST_TRANSFER_REFUSED: {
    fault: 'peer',
    what: '{url} refused with status {status} ({code}): {detail}',
    todo: 'The same request gets the same answer: change it as the answer says.',
  },
  OST_TRANSFER_UNAVAILABLE: {
    fault: 'ours',
    what: '{url} cannot serve it now, status {status} ({code}): {detail}',
    todo: 'It is tried again by itself.',
  },
  OST_TRANSFER_ENCODED: {
    fault: 'peer',
    what: '{url} sends its file in the encoding {encoding}, although none was asked for.',
    todo: 'Switch off compression for weights in the proxy before that server.',
  },
  OST_TRANSFER_FAILED: {
    fault: 'ours',
    what: 'The transfer with {url} broke off after {bytes} bytes: {detail}.',
    todo: 'It is tried again by itself and goes on where it stopped; if it stays, check the address and the network.',
  },
  OST_TRANSFER_PART: {
    fault: 'peer',
    what: '{url} was asked for the bytes {begin} to {end} and sent {problem}.',
    todo: 'Its server, or a proxy before it, does not serve ranges as it says; tell its operator.',
    retry: true,
  },
  OST_TRANSFER_REDIRECT: {
    fault: 'peer',
    what: '{url} pointed elsewhere more than {limit} times.',
    todo: 'Name the address at which the file is.',
  },
  OST_PULL_ADDRESS: {
    fault: 'miner',
    what: 'Nothing is fetched from {address}: {problem}.',
    todo: 'Name an HTTP address of the public internet; transfers.private_addresses allows others on a network of your own.',
  },
  OST_TRANSFER_SLOW: {
    fault: 'peer',
    what: '{url} brought {bytes} bytes in {withinMs} ms.',
    todo: 'It goes on where it stopped when it is asked for again; the server has to be faster than that.',
    retry: true,
  },
  OST_TRANSFER_DEADLINE: {
    fault: 'ours',
    what: 'The transfer with {url} was stopped after {bytes} bytes, because its time was over.',
    todo: 'It goes on where it stopped when it is asked for again.',
    retry: false,
  },
});
