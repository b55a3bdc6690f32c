export declare const requirements: string;
export declare function wandbFolder(environment?: NodeJS.ProcessEnv): string;
export declare const pythonIn: (folder: string) => string;
export declare function wandbPython(environment?: NodeJS.ProcessEnv): string | null;
