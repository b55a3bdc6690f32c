/** Several maps, and the hash of a committed vector, are keyed by subnet and mechanism in one number. */
export const mechanismIndex = (netuid: number, mecid: number): number => mecid * 4096 + netuid;
