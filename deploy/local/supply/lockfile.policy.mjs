/**
 * Every package that wants to run a script when it is installed, and whether it may. The same as `allowScripts` in
 * package.json, by which npm 11 goes; older ones know nothing of it, so `dependencies.mjs` goes by this table.
 */
export const installScripts = {
  node: { runs: true, why: 'fetches the Node of this platform, a package of its own, in exactly this version' },
  '@parcel/watcher': { runs: false, why: 'would compile what comes as a package of the platform' },
  '@scarf/scarf': { runs: false, why: 'would report the installation to a server' },
  '@swc/core': { runs: false, why: 'would replace a package of the platform that is missing: better to fail' },
  'cpu-features': { runs: false, why: 'would compile a hint for ssh2, which nothing here uses' },
  nx: { runs: false, why: 'would warm up caches' },
  protobufjs: { runs: false, why: 'would look for versions that do not fit' },
  ssh2: { runs: false, why: 'would compile what works without; the engine is never asked over SSH' },
  'unrs-resolver': { runs: false, why: 'would replace a package of the platform that is missing: better to fail' },
};

/** Names of the packages whose scripts run. */
export const runningScripts = Object.entries(installScripts)
  .filter(([, { runs }]) => runs)
  .map(([name]) => name);

const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'overrides'];
const exact = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;
const registry = 'https://registry.npmjs.org/';

/** What a package.json asks for without saying exactly which version: `name range`. */
export const inexactVersions = (manifest) =>
  kinds
    .flatMap((kind) => rangesIn(manifest[kind] ?? {}))
    .filter(([, range]) => !exact.test(range))
    .map(([name, range]) => `${name} ${range}`);

// Overrides nest: { "a": { "b": "1.0.0" } }.
const rangesIn = (entries) =>
  Object.entries(entries).flatMap(([name, value]) =>
    typeof value === 'string'
      ? [[name, value]]
      : rangesIn(value).map(([inner, range]) => [`${name} > ${inner}`, range]),
  );

/** The packages of others that a package-lock.json names: not the workspace's own. */
export const lockedPackages = ({ packages }) =>
  Object.entries(packages)
    .filter(([place, { link }]) => place.includes('node_modules/') && link !== true)
    .map(([place, entry]) => ({ ...entry, place, name: entry.name ?? place.split('node_modules/').at(-1) }));

/** Without a hash npm takes whatever the registry, or whoever stands in for it, hands out. */
export const withoutIntegrity = (locked) =>
  locked.filter(({ integrity }) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '')).map(({ place }) => place);

/** Packages from git, a file or another server. Of those of the registry the lockfile names no address at all. */
export const fromElsewhere = (locked) =>
  locked
    .filter(({ resolved }) => resolved !== undefined && !resolved.startsWith(registry))
    .map(({ place, resolved }) => `${place} ${resolved}`);

/** Names of the packages with scripts that npm would run. */
export const withInstallScript = (locked) => [
  ...new Set(locked.filter(({ hasInstallScript }) => hasInstallScript === true).map(({ name }) => name)),
];
