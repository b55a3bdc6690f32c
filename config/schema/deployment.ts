import { z } from 'zod';
import type { DeploymentRole, Role } from '../roles.ts';
import { commonFields } from './common.ts';
import { evaluationFields } from './evaluation.ts';
import { hubFields } from './hub.ts';
import { logFields } from './log.ts';
import { servingFields } from './serving.ts';
import { temporalFields } from './temporal.ts';
import { minerTimeouts, validatorTimeouts } from './timeouts.ts';
import { trainingFields } from './training.ts';
import { minerTransfers, validatorTransfers } from './transfers.ts';
import { walletFields } from './wallet.ts';
import { weightsFields } from './weights.ts';

const shared = { wallet: walletFields, ...commonFields };

/** The whole of a validator's config.yaml, which its model server reads too. */
export const validatorSchema = z.strictObject({
  ...shared,
  ...servingFields,
  ...evaluationFields,
  ...weightsFields,
  ...hubFields,
  transfers: validatorTransfers,
  timeouts: validatorTimeouts,
  temporal: temporalFields,
});

/** The whole of a miner's config.yaml. */
export const minerSchema = z.strictObject({
  ...shared,
  ...trainingFields,
  ...hubFields,
  transfers: minerTransfers,
  log: logFields,
  timeouts: minerTimeouts,
  temporal: temporalFields,
});

export const deploymentSchemas = { validator: validatorSchema, miner: minerSchema } as const satisfies Record<
  DeploymentRole,
  z.ZodType
>;

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** A validator's settings, all present, with absolute paths. Names and units are those of config.yaml. */
export type ValidatorConfig = DeepReadonly<z.output<typeof validatorSchema>>;
/** A miner's settings, all present, with absolute paths. Names and units are those of config.yaml. */
export type MinerConfig = DeepReadonly<z.output<typeof minerSchema>>;
export type ConfigOf<R extends Role> = R extends 'miner' ? MinerConfig : ValidatorConfig;
