import { methodNotFound, RpcFailure } from './failure.ts';
import type { Client, Method, Methods, Services } from './method.ts';
import { authorMethods } from './methods/author.ts';
import { chainMethods } from './methods/chain.ts';
import { devMethods } from './methods/dev.ts';
import { stateMethods } from './methods/state.ts';
import { subtensorMethods } from './methods/subtensor.ts';
import { systemMethods } from './methods/system.ts';
import { Params } from './params.ts';

interface Answer {
  readonly jsonrpc: '2.0';
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: string };
}

export type Dispatcher = (request: unknown, client: Client) => Answer | readonly Answer[];

/** Answers JSON-RPC requests and batches of them. Every request is answered, whatever is in it. */
export function createDispatcher(services: Services): Dispatcher {
  const methods: Methods = {
    ...chainMethods(services),
    ...stateMethods(services),
    ...authorMethods(services),
    ...systemMethods(services),
    ...subtensorMethods(services),
    ...devMethods(services),
    rpc_methods: () => ({ methods: [...byName.keys()].sort() }),
  };
  const byName = new Map<string, Method>(Object.entries(methods));
  const one = (request: unknown, client: Client): Answer => {
    const id = field(request, 'id') ?? null;
    try {
      const name = field(request, 'method');
      if (typeof name !== 'string') throw new RpcFailure(-32600, 'Invalid request');
      const method = byName.get(name);
      if (method === undefined) throw methodNotFound();
      const params = field(request, 'params') ?? [];
      if (!Array.isArray(params)) throw new RpcFailure(-32602, 'Invalid params', 'expected a list');
      return { jsonrpc: '2.0', id, result: method(new Params(params), client) ?? null };
    } catch (error) {
      return { jsonrpc: '2.0', id, error: errorJson(error) };
    }
  };
  return (request, client) =>
    Array.isArray(request) ? request.map((each) => one(each, client)) : one(request, client);
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && name in value ? Reflect.get(value, name) : undefined;

function errorJson(error: unknown): NonNullable<Answer['error']> {
  if (error instanceof RpcFailure) {
    const { code, message, data } = error;
    return data === null ? { code, message } : { code, message, data };
  }
  return { code: -32603, message: 'Internal error', data: error instanceof Error ? error.message : String(error) };
}
