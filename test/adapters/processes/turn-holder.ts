import { Turns } from '../../../adapters/processes/turns.ts';

/** Takes one turn, says so, and keeps it until it is killed. Arguments: the file, the thing. */
const [, , path = '', thing = ''] = process.argv;
const turns = new Turns(path);
await turns.take({ thing, longestMs: 600_000, signal: new AbortController().signal });
process.stdout.write('has it\n');
setInterval(() => turns, 60_000);
