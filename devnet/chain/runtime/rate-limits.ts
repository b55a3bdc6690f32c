/** The rate limit that all foundings of subnets share. */
export const LAST_REGISTERED = { kind: 'NetworkLastRegistered', value: {} } as const;
