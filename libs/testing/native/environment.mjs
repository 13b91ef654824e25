// A test environment that is the worker itself: no VM context, so that modules are loaded once for all suites.
import { ModernFakeTimers } from '@jest/fake-timers';

const globals = ['afterAll', 'afterEach', 'beforeAll', 'beforeEach', 'describe', 'expect', 'it', 'test'];
const shortGlobals = ['fdescribe', 'fit', 'xdescribe', 'xit', 'xtest'];

export default class NativeEnvironment {
  global = globalThis;
  #kept = { console, exit: process.exit, cwd: process.cwd(), env: { ...process.env } };

  constructor({ projectConfig }) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
  }

  getVmContext() {
    return null;
  }

  exportConditions() {
    return [];
  }

  async setup() {}

  /** Undoes what the suite and Jest changed in this process. */
  async teardown() {
    this.fakeTimersModern.dispose();
    for (const name of [...globals, ...shortGlobals]) delete globalThis[name];
    globalThis.console = this.#kept.console;
    process.exit = this.#kept.exit;
    process.chdir(this.#kept.cwd);
    for (const name of Object.keys(process.env)) if (!(name in this.#kept.env)) delete process.env[name];
    Object.assign(process.env, this.#kept.env);
  }
}
