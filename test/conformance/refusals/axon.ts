import type { Signer } from '../../../adapters/wallet/signer.ts';
import { type Attempt, call } from '../send.ts';
import type { Round, Stage } from './round.ts';

interface Served {
  readonly ip?: bigint;
  readonly port?: number;
  readonly type?: number;
  readonly signer?: Signer;
}

/** 203.0.113.8, a documentation address. */
const good = 0xcb00_7108n;

const serve = (stage: Stage, { ip = good, port = 8091, type = 4, signer }: Served): Attempt => ({
  signer: signer ?? stage.staged.second,
  method: call(stage, 'SubtensorModule', 'serve_axon', stage.netuid, 1, ip, port, type, 4, 0, 0),
});

export const malformedAxons: Round = {
  provocations: [
    { name: 'InvalidIpType', attempt: (stage) => serve(stage, { type: 5 }) },
    { name: 'InvalidIpAddress (loopback)', attempt: (stage) => serve(stage, { ip: 0x7f00_0001n }) },
    { name: 'InvalidIpAddress (broadcast)', attempt: (stage) => serve(stage, { ip: 0xffff_ffffn }) },
    { name: 'InvalidPort', attempt: (stage) => serve(stage, { port: 0 }) },
    {
      name: 'HotKeyNotRegisteredInNetwork',
      attempt: (stage) => serve(stage, { signer: stage.staged.stranger }),
    },
    // The suite's own axon is some blocks old by now, and the limit is fifty.
    { name: 'ServingRateLimitExceeded', attempt: (stage) => serve(stage, { signer: stage.writer.validator }) },
  ],
};
