import type { Stack } from './stack.ts';

/** Starts all processes on a fresh chain; the validator's address is on chain before a miner looks for it. */
export async function startAll(stack: Stack, ...validatorArguments: readonly string[]): Promise<void> {
  const { gate } = stack;
  await Promise.all([
    stack.start('validator', ...validatorArguments),
    stack.start('server'),
    gate.untilPending(1).then(() => gate.build()),
  ]);
  await Promise.all(stack.miners.map((name) => stack.start(name)));
}
