/** What the size of the real bundle is compared with. */
export async function Empty(): Promise<void> {}
