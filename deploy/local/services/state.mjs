import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from '../workspace.mjs';

const separator = '@';

/** The name of an instance of a suite: servers, data and ports of its own beside the suite's. */
export const instanceName = (suite, instance) => `${suite}${separator}${instance}`;

/** Undefined for a suite's own servers. */
export const instanceOf = (siteName) => siteName.split(separator)[1];

export const suiteOf = (siteName) => siteName.split(separator)[0];

export const isInstance = (siteName) => siteName.includes(separator);

/** Folders, logs and locks carry the name. */
export const isInstanceName = (text) => /^[a-z][a-z0-9-]{0,30}$/.test(text);

export const servicesFolder = join(stateFolder, 'services');
const stateFile = join(servicesFolder, 'state.json');

/**
 * What a later command must know: `active` (the site of the last `up` that named none), `fallback` (true once the preferred suite could
 * not be built) and, for each site (a suite, an instance of one, or "docker"), its ports or addresses. Says nothing about what is running.
 */
export function readState() {
  try {
    return { sites: {}, ...JSON.parse(readFileSync(stateFile, 'utf8')) };
  } catch {
    return { sites: {} };
  }
}

export function changeState(change) {
  const state = readState();
  change(state);
  mkdirSync(servicesFolder, { recursive: true });
  // Written aside and renamed: `env` reads it without taking the lock.
  writeFileSync(`${stateFile}.new`, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(`${stateFile}.new`, stateFile);
}

/** The site meant when none is named. */
export function usualSite() {
  const { active, sites } = readState();
  return active ?? Object.keys(sites).find((name) => !isInstance(name));
}
