import { invalidParams } from '../failure.ts';
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
    /** [count, code, message, data]: the error is that of a full pool if left out. */
    dev_refuseSubmissions: (params) => {
      const [code, message, data] = [params.optionalNumber(1), params.optionalText(2), params.optionalText(3)];
      if (code === null) faults.refuseSubmissions(params.number(0));
      else
        faults.refuseSubmissions(params.number(0), {
          code,
          message: message ?? 'refused',
          ...(data === null ? {} : { data }),
        });
      return null;
    },
    /** ["heads" | "chain" | "none"]. */
    dev_stallHeads: (params) => {
      const stall = params.text(0);
      if (stall !== 'heads' && stall !== 'chain' && stall !== 'none') throw invalidParams('heads, chain or none');
      faults.stallHeads(stall);
      return null;
    },
    /** [1 or 0]. */
    dev_stallBeacon: (params) => {
      faults.stallBeacon(params.number(0) !== 0);
      return null;
    },
    /** [blocks, "return" | "lose"]: answers how many blocks were replaced. */
    dev_reorganise: (params) =>
      faults.reorganise(params.number(0), params.optionalText(1) === 'lose' ? 'lose' : 'return'),
    dev_clearFaults: () => {
      faults.clear();
      return null;
    },
  };
}
