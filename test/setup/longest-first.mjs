import Sequencer from '@jest/test-sequencer';

/**
 * What starts real processes or a real runtime, the longest first. Where jest knows no durations yet, as on a fresh
 * machine, it goes by the files' sizes, and one of these begins when all others are done. Beside those that compute
 * from begin to end stand those that wait for a clock.
 */
const longest = [
  'faults/training/matrix',
  'faults/free-run',
  'conformance/python/sdk',
  'compose/image',
  'conformance/conformance',
  'stack/cycle',
  'stack/secrets',
  'workflows/chain-writer-roads',
  'workflows/chain-writer',
  'adapters/model/trainer',
].map((name) => `/test/${name}.test.ts`);

const rank = ({ path }) => {
  const at = longest.findIndex((name) => path.endsWith(name));
  return at === -1 ? longest.length : at;
};

export default class LongestFirst extends Sequencer {
  async sort(tests) {
    // A stable sort keeps what jest itself knows or guesses of all others.
    return [...(await super.sort(tests))].sort((one, other) => rank(one) - rank(other));
  }
}
