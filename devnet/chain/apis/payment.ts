import { feeOf, totalFee } from '../runtime/fees.ts';
import type { BoundCall } from '../runtime/handler.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { Writer } from '../scale/bytes.ts';
import type { Register } from './register.ts';

/** The first byte of an extrinsic of format 4 that nobody signed. */
const UNSIGNED = 4;

/** What a transaction would pay. */
export function answerPayment(runtime: Runtime, answer: Register): void {
  const { methods } = runtime.declaration;
  /** Runtime APIs take an extrinsic without its outer length; everything else has it. */
  const decode = (uxt: Uint8Array) => {
    const out = new Writer();
    out.compact(BigInt(uxt.length));
    out.raw(uxt);
    return runtime.decode(out.finish());
  };
  const decodeCall = (call: Uint8Array) => decode(new Uint8Array([UNSIGNED, ...call])).bound;

  answer(methods.queryInfo, ({ uxt }) => {
    const { bound, encoded } = decode(uxt);
    return dispatchInfo(bound, encoded.length);
  });
  answer(methods.queryFeeDetails, ({ uxt }) => {
    const { bound, encoded, signed } = decode(uxt);
    return feeDetails(bound, encoded.length, signed?.tip ?? 0n);
  });
  answer(methods.queryCallInfo, ({ call, len }) => dispatchInfo(decodeCall(call), len));
  answer(methods.queryCallFeeDetails, ({ call, len }) => feeDetails(decodeCall(call), len, 0n));
  for (const method of [methods.weightToFee, methods.callWeightToFee]) {
    answer(method, ({ weight }) => feeOf(weight.ref_time, 0).weight);
  }
  for (const method of [methods.lengthToFee, methods.callLengthToFee]) {
    answer(method, ({ length }) => feeOf(0n, length).length);
  }
}

function dispatchInfo(bound: BoundCall, sizeBytes: number) {
  return {
    weight: { ref_time: bound.refTime, proof_size: 0n },
    class: { kind: 'Normal' as const, value: {} },
    partial_fee: bound.paysFee ? totalFee(feeOf(bound.refTime, sizeBytes)) : 0n,
  };
}

function feeDetails(bound: BoundCall, sizeBytes: number, tip: bigint) {
  const fee = feeOf(bound.refTime, sizeBytes);
  const inclusion = { base_fee: fee.base, len_fee: fee.length, adjusted_weight_fee: fee.weight };
  return { inclusion_fee: bound.paysFee ? inclusion : null, tip };
}
