/**
 * Every package that wants to run a script when it is installed, and whether it may. The same as `allowScripts` in
 * package.json, by which npm 11 goes; older ones know nothing of it, so `dependencies.mjs` goes by this table.
 */
export const installScripts = {
  node: { runs: true, why: 'fetches the Node of this platform, a package of its own, in exactly this version' },
  '@parcel/watcher': { runs: false, why: 'would compile what comes as a package of the platform' },
  '@scarf/scarf': { runs: false, why: 'would report the installation to a server' },
  '@swc/core': { runs: false, why: 'would replace a package of the platform that is missing: better to fail' },
  nx: { runs: false, why: 'would warm up caches' },
  'unrs-resolver': { runs: false, why: 'would replace a package of the platform that is missing: better to fail' },
};

/** Names of the packages whose scripts run. */
export const runningScripts = Object.entries(installScripts)
  .filter(([, { runs }]) => runs)
  .map(([name]) => name);
