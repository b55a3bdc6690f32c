import type { RuntimeApis } from '../apis/answer.ts';
import type { Chain } from '../node/chain.ts';
import type { Faults } from './faults.ts';
import type { Params } from './params.ts';

/** What all methods work on. */
export interface Services {
  readonly chain: Chain;
  readonly apis: RuntimeApis;
  readonly faults: Faults;
}

/** One client: a socket, or one HTTP request, on which nothing can be subscribed. */
export interface Client {
  /** Opens a subscription whose notices are named `notice`; `start` gives back how to end it. */
  subscribe(notice: string, start: (push: (result: unknown) => void) => () => void): string;
  /** Whether there was such a subscription. */
  unsubscribe(id: string): boolean;
  /** Cuts the connection without an answer. */
  drop(): void;
}

/** Throws RpcFailure. Subscribing methods return the subscription's id. */
export type Method = (params: Params, client: Client) => unknown;
export type Methods = Readonly<Record<string, Method>>;

export const unsubscribe: Method = (params, client) => client.unsubscribe(params.text(0));
