import { type CheckGroup, runChecks, single } from './check.ts';
import { axonChecks } from './checks/axon.ts';
import { commitRevealGroup } from './checks/commit-reveal.ts';
import { commitmentChecks } from './checks/commitments.ts';
import { connectChecks } from './checks/connect.ts';
import { epochChecks } from './checks/epochs.ts';
import { snapshotChecks } from './checks/snapshot.ts';
import { streamChecks } from './checks/streams.ts';
import { weightChecks } from './checks/weights.ts';
import type { Ground } from './ground.ts';
import { malformedAxons } from './refusals/axon.ts';
import { refusedCommitments } from './refusals/commitments.ts';
import { envelopeChecks, refusedOrigins } from './refusals/envelope.ts';
import { crowdedNetworks } from './refusals/network.ts';
import { announcedSwap, disputedSwap, filteredCalls, poolChecks } from './refusals/pool.ts';
import {
  closedRegistration,
  crowdedInterval,
  crowdedRegistration,
  refusedRegistrations,
} from './refusals/registration.ts';
import { roundGroup } from './refusals/round.ts';
import {
  closedTransfers,
  crowdedEvmKeys,
  emptyPool,
  frozenSettings,
  fullSubnet,
  strangeVersion,
} from './refusals/settings.ts';
import { refusedWallets } from './refusals/wallets.ts';
import { lowStake, malformedWeights, tooFastWeights } from './refusals/weights.ts';
import type { Result } from './verdict.ts';

/** All checks, in an order in which none spoils the next: what is written early is refused as too soon later. */
export const suite: readonly CheckGroup[] = [
  ...connectChecks.map(single),
  ...streamChecks.map(single),
  ...axonChecks.map(single),
  roundGroup(malformedAxons),
  ...commitmentChecks.map(single),
  roundGroup(refusedCommitments),
  ...weightChecks.map(single),
  // After the writes, so that there is something to compare.
  ...snapshotChecks.map(single),
  ...epochChecks.map(single),
  roundGroup(malformedWeights),
  roundGroup(tooFastWeights),
  roundGroup(lowStake),
  roundGroup(refusedRegistrations),
  roundGroup(closedRegistration),
  roundGroup(crowdedRegistration),
  roundGroup(crowdedInterval),
  roundGroup(fullSubnet),
  roundGroup(crowdedNetworks),
  roundGroup(refusedWallets),
  roundGroup(crowdedEvmKeys),
  roundGroup(closedTransfers),
  roundGroup(emptyPool),
  roundGroup(frozenSettings),
  roundGroup(strangeVersion),
  roundGroup(refusedOrigins),
  ...envelopeChecks.map(single),
  commitRevealGroup,
  roundGroup(announcedSwap),
  roundGroup(disputedSwap),
  roundGroup(filteredCalls),
  // Last: they leave the pool busy, and an account without money.
  ...poolChecks,
];

export const runSuite = (ground: Ground, report: (result: Result) => void = () => undefined) =>
  runChecks(ground, suite, report);
