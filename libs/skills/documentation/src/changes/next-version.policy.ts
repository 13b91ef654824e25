import semver from 'semver';

export type Release = 'major' | 'minor' | 'patch' | 'none';

/**
 * The version after `current` by Semantic Versioning 2.0.0. Before 1.0.0 nothing is promised: there what breaks is a new
 * minor version, and everything else a patch (as in Cargo and npm ranges). A pre-release of the wanted version stays what it leads to.
 * @returns null when `current` is no version
 */
export const nextVersion = (current: string | undefined, release: Release): string | null => {
  const version = semver.parse(current?.trim().replace(/^v/, '') ?? '');
  if (version === null) return null;
  if (release === 'none') return version.version;
  return semver.inc(version, version.major === 0 ? beforeOne[release] : release);
};

const beforeOne = { major: 'minor', minor: 'patch', patch: 'patch' } as const;
