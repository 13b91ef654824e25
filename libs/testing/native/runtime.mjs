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

/** By path of a file: how much of it was reached when it was last told. A worker keeps it for all its suites. */
const told = new Map();

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

  /**
   * Of the files in which this suite reached what no earlier one of this worker had: whether a line ran is all that is told at
   * the end, and adding up all counters of all suites took the parent of the workers two minutes.
   */
  getAllCoverageInfoCopy() {
    const files = Object.entries(globalThis.__coverage__ ?? {}).map(([path, file]) => ({
      path,
      file,
      reached: reachedIn(file),
    }));
    const news = files.filter(({ path, reached }) => reached > (told.get(path) ?? 0));
    for (const { path, reached } of news) told.set(path, reached);
    return Object.fromEntries(news.map(({ path, file }) => [path, structuredClone(file)]));
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

/** How many statements, functions and branches have run. */
const reachedIn = ({ s, f, b }) => [s, f, ...Object.values(b)].reduce((sum, counters) => sum + ran(counters), 0);
const ran = (counters) => Object.values(counters).filter((count) => count > 0).length;

const timersOf = ({ fakeTimersModern: timers }) => ({
  useFakeTimers: (options) => timers.useFakeTimers(options),
  useRealTimers: () => timers.useRealTimers(),
  advanceTimersByTime: (ms) => timers.advanceTimersByTime(ms),
});

// Jest takes the module itself as the class.
export { NativeRuntime as 'module.exports' };
