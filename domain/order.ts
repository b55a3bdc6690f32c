/**
 * Ascending order by code points, which is what the originals' `sorted` does. Locale comparison would differ between
 * machines; for base58 text the UTF-16 comparison of `<` is the same as code-point order.
 */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Orders anything that has a hotkey by it: the one fixed order in which sums are formed and rows are kept. */
export const byHotkey = <T extends { readonly hotkey: string }>(a: T, b: T): number => compareText(a.hotkey, b.hotkey);
