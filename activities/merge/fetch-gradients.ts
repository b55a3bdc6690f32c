import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cancellationSignal, heartbeat, sleep } from '@temporalio/activity';
import { download } from '../../adapters/artifacts/transfer/download.ts';
import { checkGradient } from '../../adapters/merge/check-gradient.ts';
import { artifactUrl } from '../../adapters/peers/client.ts';
import { isOstinatoError, messageOf } from '../../domain/errors/error.ts';
import type { Check, GradientFault } from '../../domain/merge/decide.ts';
import type { GradientRef, Verdict } from '../../domain/merge/messages.ts';
import type { PeerAccess } from '../../domain/peers/access.ts';
import type { Blocks } from '../../domain/units.ts';
import { beating } from '../beating.ts';
import type { ValidatorDeps } from '../cycle/deps.ts';
import type { MergeActivities } from './activities.ts';
import { isPeersDoing } from './peers-doing.ts';

/** A pseudo-gradient is as large as its part; names of submissions and padding of the header come on top. */
const headerRoomBytes = 1024 * 1024;
const askAgainMs = 1_000;

export const fetchGradients =
  (deps: ValidatorDeps): MergeActivities['fetchGradients'] =>
  async ({ announcement, model, sources, until = null }) => {
    const { digest, hotkey, base } = announcement;
    const found = (verdict: Verdict, reason: GradientFault | null, detail: string | null): Check => {
      if (verdict !== 'sound') {
        const fields = { event: 'gradient_refused', hotkey, verdict, reason };
        deps.log.warn(fields, `Refused the pseudo-gradient of ${hotkey}: ${verdict}, ${detail ?? ''}`);
      }
      return { digest, verdict, reason, detail };
    };
    if (base !== model.hash) return found('other_base', null, `it starts from ${base}, and ours is ${model.hash}`);
    const { parts } = await deps.models.manifest(model.manifest);
    for (const gradient of announcement.gradients) {
      const part = parts.find((each) => each.part === gradient.group);
      if (part === undefined) return found('malformed', 'shape', `the model has no group ${gradient.group}`);
      if (gradient.bytes > part.ref.bytes + headerRoomBytes) {
        return found('malformed', 'shape', `${gradient.bytes} bytes for a part of ${part.ref.bytes}`);
      }
      const got = await fetchInTime(deps, gradient, sources, until);
      if (got !== null) return found(got.reason === null ? 'unavailable' : 'malformed', got.reason, got.detail);
      const file = deps.store.path(gradient.digest);
      const fault = await beating(() => checkGradient(file, deps.store.path(part.ref.digest)));
      if (fault !== null) return found('malformed', fault.reason, fault.detail);
    }
    return found('sound', null, null);
  };

interface Failed {
  /** What is given out under this digest is something else. */
  readonly reason: 'digest' | null;
  readonly detail: string;
  /** A line was down, or a server: nobody said that there is no such file. */
  readonly mayCome: boolean;
}

/** A server that is just being started again has it a moment later; until when there is time is a block. */
async function fetchInTime(
  deps: ValidatorDeps,
  gradient: GradientRef,
  sources: readonly PeerAccess[],
  until: Blocks | null,
): Promise<Failed | null> {
  for (;;) {
    const got = await fetchOne(deps, gradient, sources);
    if (got === null || !got.mayCome || until === null) return got;
    if ((await deps.chain.head()).number > until) return got;
    heartbeat();
    await sleep(askAgainMs);
  }
}

/** Null once it is here. */
async function fetchOne(
  deps: ValidatorDeps,
  { digest, bytes }: GradientRef,
  sources: readonly PeerAccess[],
): Promise<Failed | null> {
  // Read once more: an own file that was damaged would give a model that nobody else has.
  if ((await deps.store.verify(digest)) === 'sound') return null;
  await mkdir(deps.downloads, { recursive: true });
  let last: Failed = { reason: null, detail: 'no peer to ask', mayCome: false };
  for (const source of sources) {
    const to = join(deps.downloads, `gradient-${digest}`);
    try {
      await download({
        url: artifactUrl(source, digest),
        to,
        expected: { digest, bytes },
        maxBytes: bytes,
        onProgress: (received, total) => heartbeat({ received, total }),
        signal: cancellationSignal(),
      });
      await deps.store.put({ file: to }, 'application/vnd.safetensors');
      await rm(to, { force: true });
      return null;
    } catch (error) {
      if (cancellationSignal().aborted) throw cancellationSignal().reason;
      if (!isPeersDoing(error)) throw error;
      const wrong = isOstinatoError(error, 'OST_ARTIFACT_DIGEST', 'OST_ARTIFACT_LENGTH', 'OST_ARTIFACT_TOO_LARGE');
      const mayCome = last.mayCome || isOstinatoError(error, 'OST_TRANSFER_UNAVAILABLE', 'OST_TRANSFER_FAILED');
      last = { reason: wrong ? 'digest' : null, detail: messageOf(error), mayCome };
    }
  }
  return last;
}
