import type { Methods, Services } from '../method.ts';

/** Not of a node: the clock of a gated chain and the faults, for tests in other processes. */
export function devMethods({ chain, faults }: Services): Methods {
  return {
    /** [count] builds so many blocks, one if left out; answers the last one's hash. */
    dev_newBlock: (params) => {
      const count = params.optionalNumber(0) ?? 1;
      for (let built = 0; built < count; built++) chain.buildBlock();
      return chain.head.hash;
    },
    dev_dropSockets: () => {
      // After the answer, which would go down with the sockets.
      setImmediate(() => faults.dropSockets());
      return null;
    },
    dev_delayAnswers: (params) => {
      faults.delayAnswers(params.number(0));
      return null;
    },
    dev_loseTransactions: (params) => {
      faults.loseTransactions(params.number(0));
      return null;
    },
    dev_dropAfterSubmit: (params) => {
      faults.dropAfterSubmit(params.number(0));
      return null;
    },
    dev_clearFaults: () => {
      faults.clear();
      return null;
    },
  };
}
