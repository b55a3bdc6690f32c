import type { PasswordSource } from '../../adapters/wallet/password.ts';
import type { Hex, Hotkey } from '../../domain/units.ts';
import type { TemporalTarget } from '../../temporal/connect.ts';

/** What a signing worker is started with. Nothing of it is secret: the key is read by the child itself. */
export interface SigningOrder {
  readonly role: 'validator' | 'miner';
  readonly folder: string;
  /**
   * With certificates, where there are any: the order goes over the channel between the two, never to a command line.
   */
  readonly connectionOptions: TemporalTarget['connectionOptions'];
  readonly namespace: string;
  /** The mode of a deployment that signs nothing for the chain; null for one that does. */
  readonly withheld: 'watch' | 'dry-run' | null;
  /** Which of the child's open files are what for the password of an encrypted key; none of them was read before. */
  readonly password: PasswordFiles;
}

/** Numbers of open files, as `PasswordSource` has them. */
export type PasswordFiles = Pick<PasswordSource, 'kept' | 'terminal'>;

/** What the child tells its parent. */
export type SigningNotice =
  | { readonly kind: 'ready'; readonly hotkey: Hotkey; readonly publicKey: Hex }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };
