// What `npm start`, `npm test` and `npm run check | docs | conformance` call: node bin/bootstrap.mjs COMMAND …
import { handOver } from './hand-over.mjs';

await handOver(process.argv.slice(2));
