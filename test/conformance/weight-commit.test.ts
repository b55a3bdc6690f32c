import { expect, test } from '@jest/globals';
import { TypeRegistry } from '@polkadot/types';
import { weightCommitHash } from './weight-commit.ts';

test('the hash of a commit is the one that the chain has accepted', () => {
  const hash = weightCommitHash(new TypeRegistry(), {
    // The account of the golden vector, by its public key.
    hotkey: '0x08521c768f6387b73cedbbb81bd5aed4e5779103196cd10a64d5ef69c312a232',
    index: 2,
    uids: [1, 2, 3],
    values: [10, 20, 30],
    salt: [11, 22, 33, 44, 55, 66, 77, 88],
    versionKey: 7,
  });
  expect(hash).toBe('0x56fe5bd0faeb3733b3070b5634fb7ae54fcb9c4083c32c294c9a59b038816853');
});
