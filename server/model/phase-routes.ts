import type { FastifyInstance } from 'fastify';
import { blocksUntilNextPhase, phaseResponse, previousPhaseBlocks, scheduleIndex } from '../../domain/phase-service.ts';
import type { ModelServerDeps } from './deps.ts';

/** Open to everybody, as at the owner's service: nothing of it is more than the chain and the schedule say anyway. */
export const phasePaths = [
  '/',
  '/get_phase',
  '/previous_phase_blocks',
  '/blocks_until_next_phase',
  '/get_init_peer_id',
  '/get_validator_whitelist',
] as const;

/**
 * The routes of the owner's phase service, so that its clients may ask a validator as well, and the index that the
 * originals' model server had at `/`.
 */
export function phaseRoutes(app: FastifyInstance, deps: ModelServerDeps): void {
  const head = async (): Promise<number> => (await deps.chain.head()).number;
  app.get('/', async () => ({
    message: 'Phases of a training cycle, and the model server of a validator',
    ...scheduleIndex(deps.schedule()),
    usage: 'GET /get_phase',
    service: 'ostinato',
    hotkey: deps.ownHotkey,
    endpoints: [...phasePaths, '/ping', '/health', '/metrics', '/model/partial', '/model/full', '/submit'],
  }));
  app.get('/get_phase', async () => phaseResponse(deps.schedule(), await head()));
  app.get('/previous_phase_blocks', async () => previousPhaseBlocks(deps.schedule(), await head()));
  app.get('/blocks_until_next_phase', async () => blocksUntilNextPhase(deps.schedule(), await head()));
  // Addresses of a network that validators here do not have: they find each other by the addresses on chain.
  app.get('/get_init_peer_id', async () => []);
  // A chain that cannot be read is an error and no empty list, which a client would take for "nobody".
  app.get('/get_validator_whitelist', () => deps.chain.validators());
}
