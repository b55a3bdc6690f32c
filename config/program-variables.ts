/** Variables that steer the program itself, before or beside any configuration; docs/configuration.md lists them. */
export const programVariableTexts: Readonly<Record<string, string>> = {
  OSTINATO_CACHE_DIR: 'Folder of what is downloaded or built once: Node 24 and the Temporal server.',
};

export const programVariables: ReadonlySet<string> = new Set(Object.keys(programVariableTexts));
