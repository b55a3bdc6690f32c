import { constants, createContext } from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

/** Taken from outside, as jest does it, so that what Node's own modules make is of the same classes. */
const shared = new Set(['ArrayBuffer', 'Uint8Array']);
/** They lead to the global object itself. */
const selves = new Set(['global', 'globalThis']);

/**
 * jest's environment with an ordinary global object. Jest's own is a proxy behind interceptors, where each look at
 * `Math`, `BigInt` or `Uint8Array` takes a microsecond: code that computes spends most of its time with that.
 */
export default class QuickEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    const intercepted = this.global;
    const global = createContext(constants.DONT_CONTEXTIFY);
    const language = new Set(Reflect.ownKeys(global));
    for (const key of Reflect.ownKeys(intercepted)) {
      if (selves.has(key) || (language.has(key) && !shared.has(key))) continue;
      Object.defineProperty(global, key, lazily(global, key, Object.getOwnPropertyDescriptor(intercepted, key)));
    }
    global.global = global;
    global.Error.stackTraceLimit = 100;
    this.context = global;
    this.global = global;
    const { projectConfig } = config;
    this.moduleMocker = new this.moduleMocker.constructor(global);
    this.fakeTimersModern = new this.fakeTimersModern.constructor({ config: projectConfig, global });
  }
}

/** Jest makes getters of Node's globals, of which some load much; the first look makes a value of them here, too. */
function lazily(global, key, descriptor) {
  const { get, set, configurable, enumerable } = descriptor;
  if (get === undefined || !configurable) return descriptor;
  const become = (value) => {
    Object.defineProperty(global, key, { value, configurable, enumerable, writable: true });
    return value;
  };
  return { get: () => become(get.call(global)), set: set && become, configurable, enumerable };
}
