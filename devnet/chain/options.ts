/** Settings of the one subnet that the chain starts with. Blocks, counts, and rao where the name says so. */
export interface SubnetOptions {
  readonly netuid?: number;
  readonly tempo?: number;
  readonly weightsRateLimit?: number;
  readonly minAllowedWeights?: number;
  readonly weightsVersionKey?: number;
  readonly maxAllowedUids?: number;
  readonly maxAllowedValidators?: number;
  readonly immunityPeriod?: number;
  readonly servingRateLimit?: number;
  /** Off by default, so that `set_weights` works at once; the chain's own default is on. */
  readonly commitReveal?: boolean;
  /** Epochs between a commit and its reveal, 1 to 100; 1 if left out. */
  readonly revealPeriodEpochs?: number;
  /** How many mechanisms (sub-subnets) the subnet has; 1 if left out. */
  readonly mechanisms?: number;
  readonly stakeThresholdRao?: bigint;
  readonly burnRao?: bigint;
  /** Space for commitments, in bytes per hotkey and epoch. */
  readonly commitmentSpaceBytes?: number;
}

/** A neuron that is registered at genesis. Accounts are dev URIs (`//Bob`), mnemonics or SS58 addresses. */
export interface GenesisNeuron {
  readonly account: string;
  /** Owner of the hotkey; the hotkey's own account if left out. */
  readonly coldkey?: string;
  readonly role: 'validator' | 'miner';
  /** Alpha on the subnet; 10,000 TAO for a validator and nothing for a miner if left out. */
  readonly stakeRao?: bigint;
  /** Whether it may set weights of others; that of its role if left out. Epochs decide anew, by stake. */
  readonly permit?: boolean;
}

export interface GenesisOptions {
  readonly subnet?: SubnetOptions;
  /** Registered after //Alice (validator, uid 0) and //Bob (miner, uid 1), in this order. */
  readonly neurons?: readonly GenesisNeuron[];
  /** Whether //Alice and //Bob are registered. */
  readonly defaultNeurons?: boolean;
  /** Free balances in rao, besides the dev accounts' 1,000,000 TAO each. */
  readonly balances?: Readonly<Record<string, bigint>>;
  /** Makes the genesis hash; random if left out, so that no two fresh chains are taken for one. */
  readonly salt?: string;
}

export interface DevnetOptions extends GenesisOptions {
  /** Where the chain lives; null keeps it in memory. Genesis options count only in a fresh folder. */
  readonly folder: string | null;
  /** 127.0.0.1 if left out. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** `gated` builds a block only when told to. */
  readonly blockTimeMs: number | 'gated';
  /** The block time that a gated chain tells its clients. */
  readonly nominalBlockTimeMs?: number;
  /** How many blocks finality is behind the head. */
  readonly finalityLagBlocks?: number;
  /** How many transactions the pool holds; 8,192 if left out, as a node's. */
  readonly poolLimit?: number;
  /** Seconds between two rounds of the chain's beacon; as many rounds in a block as quicknet has, if left out. */
  readonly beaconPeriodS?: number;
}
