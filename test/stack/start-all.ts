import type { Stack } from './stack.ts';

/** Starts all processes on a fresh chain; the validators' addresses are on chain before a miner looks for them. */
export async function startAll(stack: Stack, ...validatorArguments: readonly string[]): Promise<void> {
  const { gate, peers } = stack;
  await Promise.all([
    ...['validator', ...peers].map((name) => stack.start(name, ...validatorArguments)),
    ...['server', ...peers.map((name) => `${name} server`)].map((name) => stack.start(name)),
    gate.untilPending(1 + peers.length).then(() => gate.build()),
  ]);
  await Promise.all(stack.miners.map((name) => stack.start(name)));
}
