// What `npm start`, `npm test`, `npm run check` and `npm run docs` call: node bin/bootstrap.mjs COMMAND …
import { handOver } from './hand-over.mjs';

await handOver(process.argv.slice(2));
