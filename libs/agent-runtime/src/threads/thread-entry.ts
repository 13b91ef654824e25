// What `new Worker` needs to run handlers: a file, flags and an environment.

export interface ThreadEntry {
  readonly file: URL;
  readonly execArgv: string[];
}

// Node takes the import './x.js' literally where only './x.ts' exists.
const findSources = `
  import { registerHooks } from 'node:module';
  const source = (specifier, parent) =>
    parent?.endsWith('.ts') ? specifier.replace(/^(\\..*)\\.js$/, '$1.ts') : specifier;
  registerHooks({ resolve: (specifier, context, next) => next(source(specifier, context.parentURL), context) });`;

/**
 * The compiled entry in `dist`, or its TypeScript while the worker itself runs from source, as under Jest: then no build
 * is needed and none can be stale. Node turns all of TypeScript into JavaScript but decorators, so a skill's module and
 * what it imports have none, and take `operation` and `skill` from `@pulser/agent-runtime/skill`, which loads no Nest.
 */
export const threadEntry = (): ThreadEntry =>
  import.meta.url.endsWith('.ts')
    ? {
        file: new URL('./inside/handler.worker.ts', import.meta.url),
        execArgv: [
          '--conditions=source',
          '--experimental-transform-types',
          '--disable-warning=ExperimentalWarning',
          '--import',
          `data:text/javascript,${encodeURIComponent(findSources)}`,
        ],
      }
    : { file: new URL('./inside/handler.worker.js', import.meta.url), execArgv: [] };

// What programs need to find others and to write dates and texts. Everything else may be a secret.
const harmless = ['PATH', 'TZ', 'LANG', 'LC_ALL', 'TMPDIR'] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The variables that handlers see in `process.env`. It keeps secrets from being used or logged by accident; it is no
 * security boundary: code in this process can reach all of it.
 */
export const threadEnvironment = (environment: Environment): Record<string, string> =>
  Object.fromEntries(
    harmless.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
