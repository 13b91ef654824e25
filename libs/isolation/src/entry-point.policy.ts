// Where the file of a process is, compiled or as TypeScript.
/** What `fork` needs to start a module of this library in a process of its own. */
export interface EntryPoint {
  readonly file: URL;
  readonly execArgv: string[];
}

// Node strips TypeScript's types itself, but takes the import './x.js' literally where only './x.ts' lies. Stripping takes as
// long as all else of a start, so what it made is kept for the next one, in Node's usual folder.
const readSources = `
  import { enableCompileCache, registerHooks } from 'node:module';
  enableCompileCache();
  const source = (specifier, parent) =>
    parent?.endsWith('.ts') ? specifier.replace(/^(\\..*)\\.js$/, '$1.ts') : specifier;
  registerHooks({ resolve: (specifier, context, next) => next(source(specifier, context.parentURL), context) });`;

// Texts of tenants, such as __proto__, become keys of objects in third-party code: nothing they could change is shared.
const frozen = ['--frozen-intrinsics', '--disable-warning=ExperimentalWarning'];

/**
 * Finds an entry next to the calling module: the compiled `name.js` in `dist`, or `name.ts` while the caller itself
 * runs from its TypeScript source, as under Jest. So no build is needed before the tests, and none can be stale.
 * The language's own objects are frozen there. A module reached from an entry may import only packages and relative
 * files, in TypeScript that is erasable.
 *
 * @param caller the `import.meta.url` of the calling module
 * @param path relative path of the entry without its extension
 */
export const entryPoint = (caller: string, path: string): EntryPoint =>
  caller.endsWith('.ts')
    ? {
        file: new URL(`${path}.ts`, caller),
        // The sources of our libraries too, as in Jest.
        execArgv: [
          ...frozen,
          '--conditions=source',
          '--import',
          `data:text/javascript,${encodeURIComponent(readSources)}`,
        ],
      }
    : { file: new URL(`${path}.js`, caller), execArgv: frozen };
