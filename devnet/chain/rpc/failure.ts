import { PoolRefusal } from '../node/pool.ts';
import { type Invalidity, InvalidTransaction } from '../runtime/failure.ts';
import { ScaleError } from '../scale/bytes.ts';

/** A JSON-RPC error with a node's own code, message and data: what clients classify, so nothing here is ours. */
export class RpcFailure extends Error {
  override readonly name = 'RpcFailure';
  readonly code: number;
  readonly data: string | null;

  constructor(code: number, message: string, data: string | null = null) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

export const methodNotFound = () => new RpcFailure(-32601, 'Method not found');
export const invalidParams = (detail: string) => new RpcFailure(-32602, 'Invalid params', detail);
export const clientError = (detail: string) => new RpcFailure(4003, `Client error: ${detail}`);
export const unknownBlock = (hash: string) =>
  clientError(`UnknownBlock: Header was not found in the database: ${hash}`);

const TEXTS: Readonly<Record<Exclude<Invalidity['kind'], 'Custom' | 'NoUnsignedValidator'>, string>> = {
  Call: 'Transaction call is not expected',
  Payment: 'Inability to pay some fees (e.g. account balance too low)',
  Future: 'Transaction will be valid in the future',
  Stale: 'Transaction is outdated',
  BadProof: 'Transaction has a bad signature',
  AncientBirthBlock: 'Transaction has an ancient birth block',
  ExhaustsResources: 'Transaction would exhaust the block limits',
  BadSigner: 'Invalid signing address',
};

function invalidity(reason: Invalidity): RpcFailure {
  switch (reason.kind) {
    case 'Custom':
      return new RpcFailure(1010, 'Invalid Transaction', `Custom error: ${reason.code}`);
    case 'NoUnsignedValidator':
      return new RpcFailure(
        1011,
        'Unknown Transaction Validity',
        'Could not find an unsigned validator for the unsigned transaction',
      );
    default:
      return new RpcFailure(1010, 'Invalid Transaction', TEXTS[reason.kind]);
  }
}

function poolFailure({ kind, hash }: PoolRefusal): RpcFailure {
  switch (kind) {
    case 'imported':
      return new RpcFailure(1013, 'Transaction Already Imported', `[${hash}]`);
    case 'priority': {
      const detail = 'The transaction has too low priority to replace another transaction already in the pool.';
      return new RpcFailure(1014, 'Priority is too low: (1 vs 1)', detail);
    }
    case 'banned':
      return new RpcFailure(1012, 'Transaction is temporarily banned');
    case 'full': {
      const detail = "The transaction couldn't enter the pool because of the limit";
      return new RpcFailure(1016, 'Immediately Dropped', detail);
    }
  }
}

/** How a node words what went wrong with a submitted transaction. */
export function submissionFailure(error: unknown): unknown {
  if (error instanceof InvalidTransaction) return invalidity(error.reason);
  if (error instanceof PoolRefusal) {
    return poolFailure(error);
  }
  // Bytes that do not decode trap in the runtime's own check, and so does a nesting too deep for its stack.
  if (error instanceof ScaleError || error instanceof RangeError) {
    const trap = 'Execution failed: Execution aborted due to trap: wasm trap: wasm `unreachable` instruction executed';
    return new RpcFailure(1002, `Verification Error: Runtime error: ${trap}`, `RuntimeApi("${trap}")`);
  }
  return error;
}
