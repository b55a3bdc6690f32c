/** Opens a hotkey file as a signing worker does, with a terminal as its standard input, and says whose key it is. */
import { holdPassword, movePasswordOutOfEnvironment, passwordVariable } from '../../../../adapters/wallet/hand-over.ts';
import { readHotkeyFile } from '../../../../adapters/wallet/load.ts';
import { isOstinatoError } from '../../../../domain/errors/error.ts';

movePasswordOutOfEnvironment();
const { stdio, close } = holdPassword();
const [kept, terminal] = stdio;
const [file = ''] = process.argv.slice(2);
const source = { ...(kept === undefined ? {} : { kept }), ...(terminal === undefined ? {} : { terminal }) };
try {
  const first = await readHotkeyFile(file, source);
  // A worker that follows has only what was kept.
  const second = await readHotkeyFile(file, kept === undefined ? {} : { kept });
  process.stdout.write(`key ${first.hotkey} ${second.hotkey} ${passwordVariable in process.env}\n`);
} catch (error) {
  if (!isOstinatoError(error)) throw error;
  process.stdout.write(`error ${error.code}\n`);
}
close();
process.exit(0);
