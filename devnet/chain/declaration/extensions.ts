import type { CompositeNode, TypeField, TypeNode } from '../scale/codec.ts';
import { fixedBytes, option, tuple, variant } from '../scale/composite.ts';
import { H256 } from '../scale/known.ts';
import { compact, compactLarge, u8, u32, u64 } from '../scale/primitive.ts';

/** One signed extension: what it adds to an extrinsic, and what it adds to the signed payload only. */
export interface SignedExtension {
  readonly identifier: string;
  readonly extra: TypeNode;
  readonly additional: TypeNode;
}

const unit: TypeNode = tuple().type;

/** Each extension is a type of its own, whose path names it; the interface of the runtime names what it holds. */
const holder = (path: string, fields: readonly TypeField[]): CompositeNode => ({
  kind: 'composite',
  path: path.split('::'),
  params: [],
  fields,
});
const empty = (path: string) => holder(path, []);

const mortals = Object.fromEntries(
  Array.from({ length: 255 }, (_, index) => [`Mortal${index + 1}`, [index + 1, { 0: u8 }] as const]),
);
const Era = variant('sp_runtime::generic::era::Era', { Immortal: [0, {}], ...mortals });
const Mode = variant('frame_metadata_hash_extension::Mode', { Disabled: [0, {}], Enabled: [1, {}] });

export const signedExtensions: readonly SignedExtension[] = [
  ['CheckNonZeroSender', empty('frame_system::extensions::check_non_zero_sender::CheckNonZeroSender'), unit],
  ['CheckSpecVersion', empty('frame_system::extensions::check_spec_version::CheckSpecVersion'), u32.type],
  ['CheckTxVersion', empty('frame_system::extensions::check_tx_version::CheckTxVersion'), u32.type],
  ['CheckGenesis', empty('frame_system::extensions::check_genesis::CheckGenesis'), H256.type],
  [
    'CheckMortality',
    holder('frame_system::extensions::check_mortality::CheckMortality', [{ name: null, type: Era.type }]),
    H256.type,
  ],
  [
    'CheckNonce',
    holder('node_subtensor_runtime::check_nonce::CheckNonce', [{ name: null, type: compact(u32).type }]),
    unit,
  ],
  ['CheckWeight', empty('frame_system::extensions::check_weight::CheckWeight'), unit],
  [
    'ChargeTransactionPayment',
    holder('pallet_transaction_payment::ChargeTransactionPayment', [{ name: null, type: compactLarge(u64).type }]),
    unit,
  ],
  ['SudoTransactionExtension', empty('node_subtensor_runtime::sudo_wrapper::SudoTransactionExtension'), unit],
  ['CheckShieldedTxValidity', empty('pallet_shield::extension::CheckShieldedTxValidity'), unit],
  ['SubtensorTransactionExtension', empty('pallet_subtensor::extensions::SubtensorTransactionExtension'), unit],
  ['DrandPriority', empty('pallet_drand::drand_priority::DrandPriority'), unit],
  [
    'CheckMetadataHash',
    holder('frame_metadata_hash_extension::CheckMetadataHash', [{ name: 'mode', type: Mode.type }]),
    option(fixedBytes(32)).type,
  ],
].map(([identifier, extra, additional]) => ({ identifier, extra, additional }) as SignedExtension);

export const signedExtra: TypeNode = { kind: 'tuple', of: signedExtensions.map(({ extra }) => extra) };
