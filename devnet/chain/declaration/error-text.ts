/**
 * What metadata say of the errors that this chain raises. A client whose message is made of these texts (the Bittensor
 * SDK) has no other name for a refusal.
 */
const TEXTS: ReadonlyMap<string, string> = new Map([
  ['InvalidIpType', 'The type of an IP address is 4 or 6.'],
  ['InvalidIpAddress', 'The IP address is not one that others could dial.'],
  ['InvalidPort', 'Port 0 cannot be dialled.'],
  ['HotKeyNotRegisteredInSubNet', 'The hotkey has no uid on the subnet.'],
  ['HotKeyNotRegisteredInNetwork', 'The hotkey is registered on no subnet.'],
  ['HotKeyAccountNotExists', 'Nobody has registered this hotkey.'],
  ['NonAssociatedColdKey', 'The hotkey belongs to another coldkey.'],
  ['NotEnoughStakeToWithdraw', 'There is less stake than is to be withdrawn.'],
  ['NotEnoughStakeToSetWeights', "The hotkey's stake is below the threshold for setting weights."],
  ['NotEnoughBalanceToStake', 'The coldkey cannot pay this amount.'],
  ['NeuronNoValidatorPermit', 'Without a validator permit a neuron may weigh only itself.'],
  ['WeightVecNotEqualSize', 'There must be as many weights as uids.'],
  ['DuplicateUids', 'A uid stands more than once among the weights.'],
  ['UidVecContainInvalidOne', 'A uid among the weights is not on the subnet.'],
  ['WeightVecLengthIsLow', 'There are fewer weights than the subnet demands.'],
  ['MaxWeightExceeded', 'A weight has too large a share of the whole.'],
  ['TooManyRegistrationsThisBlock', 'No more registrations fit into this block.'],
  ['TooManyRegistrationsThisInterval', 'No more registrations fit into this interval.'],
  ['HotKeyAlreadyRegisteredInSubNet', 'The hotkey has a uid on the subnet already.'],
  ['SettingWeightsTooFast', 'The rate limit for setting weights has not passed yet.'],
  ['CommittingWeightsTooFast', 'The rate limit for committing weights has not passed yet.'],
  ['IncorrectWeightVersionKey', "The version key is below the subnet's."],
  ['ServingRateLimitExceeded', 'The rate limit for serving an axon has not passed yet.'],
  ['UidsLengthExceedUidsInSubNet', 'There are more weights than neurons on the subnet.'],
  ['NetworkTxRateLimitExceeded', 'The rate limit for registering subnets has not passed yet.'],
  ['SubNetRegistrationDisabled', 'The subnet takes no registrations.'],
  ['RegistrationNotPermittedOnRootSubnet', 'Nobody registers on the root subnet in this way.'],
  ['RegistrationPriceLimitExceeded', 'Registering costs more than the given limit.'],
  ['CanNotSetRootNetworkWeights', 'The root subnet takes no weights.'],
  ['NoNeuronIdAvailable', 'The subnet is full, and every neuron on it is immune.'],
  ['NoWeightsCommitFound', 'There are no committed weights to reveal.'],
  ['InvalidRevealCommitHashNotMatch', 'What is revealed is not what was committed.'],
  ['CommitRevealEnabled', 'The subnet takes weights by commit and reveal only.'],
  ['CommitRevealDisabled', 'The subnet takes weights plainly, not by commit and reveal.'],
  ['TooManyUnrevealedCommits', 'Too many committed weights wait for their reveal.'],
  ['ExpiredWeightCommit', 'The epoch in which the weights could be revealed has passed.'],
  ['RevealTooEarly', 'The epoch in which the weights can be revealed has not begun.'],
  ['InputLengthsUnequal', 'The lists must have the same length.'],
  ['IncorrectCommitRevealVersion', "The version of commit and reveal is not the chain's."],
  ['InvalidRevealRound', 'The round of the reveal has passed.'],
  ['MechanismDoesNotExist', 'The subnet has no such mechanism.'],
  ['SubnetNotExists', 'There is no such subnet.'],
  ['SubtokenDisabled', 'Staking on the subnet has not begun.'],
  ['AmountTooLow', 'The amount is below the least that may be staked.'],
  ['InsufficientLiquidity', "The subnet's pool does not hold enough."],
  ['SlippageTooHigh', 'The price would move beyond the given limit.'],
  ['AdminActionProhibitedDuringWeightsWindow', 'Settings stand still in the last blocks before an epoch.'],
  ['AccountNotAllowedCommit', 'Only hotkeys of the subnet may write commitments on it.'],
  ['SpaceLimitExceeded', 'The space for commitments of this epoch is used up.'],
  ['TooManyFieldsInCommitmentInfo', 'A commitment has too many fields.'],
  ['RequireSudo', 'Only the sudo key may do this.'],
]);

/** One sentence; of an error that this chain never raises, the words of its name. */
export function errorText(name: string): string {
  const text = TEXTS.get(name);
  if (text !== undefined) return text;
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
