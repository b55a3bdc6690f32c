/** Types of environment.mjs, which stays plain JavaScript: it runs before anything is installed. */
type Environment = Readonly<Record<string, string | undefined>>;
export type SdkMajor = 10 | 11;

export const SDK_MAJORS: readonly SdkMajor[];

export function requirementsOf(major: SdkMajor): string;

export function sdkFolder(major: SdkMajor, environment?: Environment): string;

export function pythonIn(folder: string): string;

export function sdkPython(major: SdkMajor, environment?: Environment): string | null;
