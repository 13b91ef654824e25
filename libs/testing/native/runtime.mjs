// The part of jest-runtime that Jest's runner and jest-circus call, on Node's own module loader.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { sourceMaps, suite, suiteUrl } from './module-hooks.mjs';

const load = createRequire(import.meta.url);

// jest-circus keeps its state in its modules and in two globals: each suite gets a new copy of it.
const circus = dirname(load.resolve('jest-circus/package.json'));
const eventHandlers = Symbol.for('EVENT_HANDLERS');

const freshCircus = (file) => {
  for (const loaded of Object.keys(load.cache)) if (loaded.startsWith(circus)) delete load.cache[loaded];
  delete globalThis[eventHandlers];
  return load(file);
};

class NativeRuntime {
  #transformer;
  #coverage;

  constructor(config, environment, _resolver, transformer, _cacheFS, coverage) {
    this.#transformer = transformer;
    this.#coverage = coverage;
    suite.number += 1;
    suite.transform = (path, source) => this.#transform(path, source);
    suite.jest = timersOf(environment);
  }

  requireInternalModule(file) {
    return freshCircus(file);
  }

  requireModule(file) {
    return load(file);
  }

  unstable_shouldLoadAsEsm() {
    return true;
  }

  async unstable_importModule(path) {
    return import(suiteUrl(path));
  }

  getSourceMaps() {
    return sourceMaps;
  }

  /** The counters of what this suite has run; they start at zero for the next one. */
  getAllCoverageInfoCopy() {
    const all = Object.entries(globalThis.__coverage__ ?? {});
    const ran = all.filter(([, file]) => hasRun(file)).map(([path, file]) => [path, structuredClone(file)]);
    for (const [, file] of all) resetCounters(file);
    return Object.fromEntries(ran);
  }

  setGlobalsForRuntime() {}
  enterTestCode() {}
  leaveTestCode() {}
  teardown() {}
  resetModules() {}
  clearAllMocks() {}
  resetAllMocks() {}
  restoreAllMocks() {}

  #transform(path, source) {
    return this.#transformer.transform(
      path,
      {
        ...this.#coverage,
        supportsDynamicImport: true,
        supportsExportNamespaceFrom: true,
        supportsStaticESM: true,
        supportsTopLevelAwait: true,
      },
      source,
    );
  }
}

const hasRun = ({ s, f, b }) => [s, f].some(anyCount) || Object.values(b).some(anyCount);
const anyCount = (counters) => Object.values(counters).some((count) => count > 0);

function resetCounters({ s, f, b }) {
  for (const counters of [s, f, ...Object.values(b)]) for (const key of Object.keys(counters)) counters[key] = 0;
}

const timersOf = ({ fakeTimersModern: timers }) => ({
  useFakeTimers: (options) => timers.useFakeTimers(options),
  useRealTimers: () => timers.useRealTimers(),
  advanceTimersByTime: (ms) => timers.advanceTimersByTime(ms),
});

// Jest takes the module itself as the class.
export { NativeRuntime as 'module.exports' };
