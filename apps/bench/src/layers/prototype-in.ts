/**
 * The prototype of a class that its library or app does not export.
 * @param module URL of the built module
 * @throws TypeError when the module has no such class any more
 */
export const prototypeIn = async (module: string, name: string): Promise<object> => {
  const found: unknown = Reflect.get((await import(module)) as object, name);
  if (typeof found !== 'function') throw new TypeError(`layers: there is no class ${name} any more`);
  return found.prototype as object;
};

/** URL of a module of a library, by its path beside the library's entry. */
export const libraryModule = (library: string, path: string): string =>
  new URL(path, import.meta.resolve(library)).href;

/** URL of a built module of an app. */
export const appModule = (app: string, path: string): string =>
  new URL(`../../../${app}/dist/${path}`, import.meta.url).href;
