/** Sizes as people write them in logs: 7.2GB. Decimal units. */
export function humanBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return step === 0 ? `${bytes}B` : `${(bytes / 1000 ** step).toFixed(1)}${units[step]}`;
}

export const humanSeconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)}s`;

/** The beginning of a hotkey; enough for people to tell miners apart. */
export const shortHotkey = (hotkey: string): string => `${hotkey.slice(0, 5)}...`;
