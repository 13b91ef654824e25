import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from '../workspace.mjs';
import { isInstance } from './site-name.policy.mjs';

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
