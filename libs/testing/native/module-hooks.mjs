// How Node loads the TypeScript of this workspace inside a Jest worker: transformed by Jest's own transformer, so that
// source maps, coverage and the transform cache are those of Jest, but without a VM and with one module cache per worker.
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const workspace = new URL('../../..', import.meta.url).href;
const isOurs = (url) => url?.startsWith(workspace) && !url.includes('/node_modules/');

// Specs and their helpers keep state at module level: each suite gets its own copy. Sources are loaded once per worker.
const isOfSuite = (url) => /\/test\/|spec\.m?[tj]s$/.test(url);

/** What the hooks need to know of the running suite. */
export const suite = { number: 0, transform: undefined, jest: undefined };

/** Path or URL of a loaded file -> path of its source map. */
export const sourceMaps = new Map();

/** URL under which a spec is imported for the running suite. */
export const suiteUrl = (path) => `${pathToFileURL(path).href}?suite=${suite.number}`;

const jestGlobals = 'pulser:jest-globals';

const sourceOf = (specifier, parent) => {
  if (!specifier.startsWith('.') || !specifier.endsWith('.js')) return specifier;
  const source = new URL(specifier.replace(/\.js$/, '.ts'), parent);
  return existsSync(source) ? source.href : specifier;
};

function resolve(specifier, context, next) {
  if (specifier === '@jest/globals') return { url: jestGlobals, format: 'module', shortCircuit: true };
  const parent = context.parentURL;
  if (!isOurs(parent)) return next(specifier, context);
  // "source": libraries of this workspace are read from src, without a build.
  const conditions = specifier.startsWith('@pulser/') ? [...context.conditions, 'source'] : context.conditions;
  const resolved = next(sourceOf(specifier, parent), { ...context, conditions });
  if (!isOurs(resolved.url) || !isOfSuite(resolved.url) || resolved.url.includes('?')) return resolved;
  return { ...resolved, url: `${resolved.url}?suite=${suite.number}` };
}

function load(url, context, next) {
  if (url === jestGlobals) return { format: 'module', source: globalsSource(), shortCircuit: true };
  const [clean] = url.split('?', 1);
  if (!isOurs(clean) || !clean.endsWith('.ts')) return next(url, context);
  const path = fileURLToPath(clean);
  const { code, sourceMapPath } = suite.transform(path, readFileSync(path, 'utf8'));
  for (const name of [path, url]) sourceMaps.set(name, sourceMapPath);
  // Processes and threads are started from files beside the caller: their URLs have no query.
  const source = clean === url ? code : code.replaceAll('import.meta.url', JSON.stringify(clean));
  return { format: 'module', source, shortCircuit: true };
}

// Fake timers are the only thing that the globals of a spec do not have.
const globalsSource = () => `
  import { suite } from ${JSON.stringify(import.meta.url)};
  export const jest = new Proxy({}, { get: (_, name) => suite.jest[name] });
  export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } = globalThis;`;

registerHooks({ resolve, load });

// A worker of Jest that has nothing left to do ends at once: freeing its heap would take longer, on a busy machine, than the
// half second after which Jest kills it and blames open handles. With a handle left open this event does not come.
process.on('beforeExit', () => process.exit());
