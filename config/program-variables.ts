/** Variables that steer the program or its containers, beside any configuration; docs/configuration.md lists them. */
export const programVariableTexts: Readonly<Record<string, string>> = {
  DATA_DIR:
    'The folder that checkpoints/ lies in, in the environment or in the .env of the working directory; that directory where unset.',
  OSTINATO_IMAGE: 'docker-compose.yml: the image of validator and server. Default: one that is built here.',
  OSTINATO_BASE_IMAGE: 'docker-compose.yml: the image that it is built on; with glibc, Node 20 or newer, and npm.',
  OSTINATO_UID:
    'docker-compose.yml: the number of the user that the image runs as, who must be able to read the hotkey.',
  OSTINATO_WALLET_PASSWORD:
    'validator, miner: the password of an encrypted hotkey file. It goes to the signing worker alone; no other process keeps it.',
  OSTINATO_WALLET_PASSWORD_FD:
    'validator, miner: the number of an open file that holds the password; what the variable above becomes.',
};

/** Whether a variable is known although it is no field: those above, and what our own tests hand to one another. */
export const isProgramVariable = (name: string): boolean =>
  name in programVariableTexts || name.startsWith('OSTINATO_TEST_');
