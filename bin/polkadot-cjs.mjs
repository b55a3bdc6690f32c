// Loads the @polkadot packages in their CommonJS form. Their package.json files list thousands of entry points, which
// Node reads anew for each module of the ES form; every process of a deployment that talks to the chain then takes
// 3.3 instead of 1.9 CPU seconds to load (bench/README.md), and a deployment has several such processes.
import { registerHooks } from 'node:module';

const conditions = ['node', 'require', 'node-addons'];

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier, specifier.startsWith('@polkadot/') ? { ...context, conditions } : context),
});
