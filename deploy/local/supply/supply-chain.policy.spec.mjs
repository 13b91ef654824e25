import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allowedLicences, explainedLicences, unfitLicences } from './licences.policy.mjs';
import {
  fromElsewhere,
  inexactVersions,
  installScripts,
  lockedPackages,
  withInstallScript,
  withoutIntegrity,
} from './lockfile.policy.mjs';
import { workspaceRoot } from '../workspace.mjs';

const json = (path) => JSON.parse(readFileSync(join(workspaceRoot, path), 'utf8'));

const lockfile = json('package-lock.json');
const locked = lockedPackages(lockfile);
const own = Object.keys(lockfile.packages).filter((place) => !place.includes('node_modules/'));

describe('what this workspace is made of', () => {
  it('is a few hundred packages of others, and projects of its own', () => {
    expect(locked.length).toBeGreaterThan(300);
    expect(own.length).toBeGreaterThan(10);
  });

  it.each(own)('is asked for in exact versions: %s', (place) => {
    expect(inexactVersions(json(join(place, 'package.json')))).toEqual([]);
  });

  it('comes from the registry, by its hash', () => {
    expect(withoutIntegrity(locked)).toEqual([]);
    expect(fromElsewhere(locked)).toEqual([]);
  });

  it('runs no script when it is installed, but for those in the table', () => {
    expect(withInstallScript(locked).sort()).toEqual(Object.keys(installScripts).sort());
    const runs = Object.entries(installScripts).map(([name, script]) => [name, script.runs]);
    expect(json('package.json').allowScripts).toEqual(Object.fromEntries(runs));
    expect(readFileSync(join(workspaceRoot, '.npmrc'), 'utf8')).toMatch(/^strict-allow-scripts=true$/m);
  });

  it('has licences that fit ours', () => {
    expect(unfitLicences(locked, { allowed: allowedLicences, explained: explainedLicences })).toEqual([]);
  });

  it('needs every reason that is written down', () => {
    const names = new Set(locked.map(({ name }) => name));
    expect(Object.keys(explainedLicences).filter((name) => !names.has(name))).toEqual([]);
  });
});
