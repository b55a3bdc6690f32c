#!/usr/bin/env node
// The `ostinato` command: finds Node 24 and hands over to cli/main.ts.
import { handOver } from './hand-over.mjs';

await handOver(['ostinato', ...process.argv.slice(2)]);
