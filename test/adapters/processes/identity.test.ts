import { describe, expect, test } from '@jest/globals';
import { identityOf, isAlive, ownIdentity } from '../../../adapters/processes/identity.ts';
import { scripts } from '../../setup/processes.ts';

const run = scripts();

describe('a process identity', () => {
  test('stays the same for a process that runs', () => {
    expect(identityOf(process.pid)).toEqual(ownIdentity());
    expect(isAlive(ownIdentity())).toBe(true);
  });

  test('does not hold for another process that was given the same id', () => {
    expect(isAlive({ pid: process.pid, startTime: 'another boot:1' })).toBe(false);
  });

  test('ends with the process, even while its parent has not yet looked at it', async () => {
    const { child, exited } = run('setInterval(() => {}, 1000)');
    const identity = identityOf(Number(child.pid));
    expect(identity !== undefined && isAlive(identity)).toBe(true);
    child.kill('SIGKILL');
    await exited;
    expect(identity !== undefined && isAlive(identity)).toBe(false);
    expect(identityOf(Number(child.pid))).toBeUndefined();
  });

  test('is absent for an id that no process has', () => {
    expect(identityOf(2 ** 30)).toBeUndefined();
  });
});
