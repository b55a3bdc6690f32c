/** The two kinds of deployment: each is one directory with one config.yaml. */
export type DeploymentRole = 'validator' | 'miner';

/** The processes that read a configuration. `validator` and `server` share one directory, so one file. */
export type Role = 'validator' | 'server' | 'miner';

export const roles = ['validator', 'server', 'miner'] as const satisfies readonly Role[];
export const deploymentRoles = ['validator', 'miner'] as const satisfies readonly DeploymentRole[];

/** Whose directory a process works in. */
export const deploymentRole = (role: Role): DeploymentRole => (role === 'miner' ? 'miner' : 'validator');
