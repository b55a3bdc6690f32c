import { ModuleMocker } from 'jest-mock';

const fileUrl = /file:\/\/(\/[^?\s)]*?)(?:\?[^:\s)]*)?(?=:\d)/g;

/**
 * jest's environment without a realm of its own: tests run on Node's globals, as everything else of Ostinato does.
 * What a test file changes of the process is put back when the file is done.
 */
export default class NodeEnvironment {
  readonly global = globalThis;
  readonly moduleMocker = new ModuleMocker(globalThis);
  readonly #console = globalThis.console;
  readonly #exit = process.exit;
  readonly #environment = { ...process.env };

  /** There is none but Node's own. */
  getVmContext(): null {
    return null;
  }

  /** Stacks name files by their plain paths, as jest shows them, and not by the URLs under which they were loaded. */
  async setup(): Promise<void> {
    Error.prepareStackTrace = (error, frames) =>
      [String(error), ...frames.map((frame) => `    at ${frame}`)].join('\n').replace(fileUrl, '$1');
  }

  async teardown(): Promise<void> {
    this.moduleMocker.restoreAllMocks();
    globalThis.console = this.#console;
    process.exit = this.#exit;
    for (const name of Object.keys(process.env)) if (!(name in this.#environment)) delete process.env[name];
    Object.assign(process.env, this.#environment);
  }
}
