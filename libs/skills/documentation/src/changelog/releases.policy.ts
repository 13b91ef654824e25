// A history as releases: which commit belongs to which version, what took back what, and what is told to users.
import semver from 'semver';

import { nextVersion, type Release } from '../changes/next-version.policy.js';
import type { Commit } from './commit-text.js';
import { conventional, type ConventionalCommit, revertOf } from './conventional-commit.policy.js';

/** Of Keep a Changelog 1.1.0, in its order. */
export const categories = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'] as const;
export type Category = (typeof categories)[number];

const categoryOf: Readonly<Record<string, Category>> = {
  feat: 'Added',
  feature: 'Added',
  add: 'Added',
  fix: 'Fixed',
  bugfix: 'Fixed',
  perf: 'Changed',
  refactor: 'Changed',
  change: 'Changed',
  deprecate: 'Deprecated',
  remove: 'Removed',
  security: 'Security',
};

export interface Entry {
  readonly commit: Commit;
  readonly read: ConventionalCommit;
  readonly category: Category;
}

export interface ReleaseNotes {
  /** undefined: not released yet. */
  readonly version: string | undefined;
  readonly date: string | undefined;
  readonly commits: number;
  readonly entries: readonly Entry[];
  /** Conventional, but of types that users need not know of. */
  readonly internal: readonly Commit[];
  readonly notConventional: readonly Commit[];
  readonly merges: readonly Commit[];
  /** Commits that were taken back before their release, with what took them back. */
  readonly reverted: readonly (readonly [commit: Commit, by: Commit])[];
  /** Reverts of what an earlier release has, or of what is not known. */
  readonly reverts: readonly Commit[];
}

const merge = /^Merge (?:branch|pull request|remote-tracking branch|tag|commit|commits|branches|[0-9a-f]{7,64}\b)/;

const isMerge = ({ message, parents }: Commit): boolean =>
  parents === undefined ? merge.test(message) : parents.length > 1 && conventional(message) === undefined;

/** The version that a tag names; prefixes such as `v` or `package@` are left out. */
export const versionOfTag = (tag: string): string | undefined =>
  semver.valid(tag.replace(/^.*@(?=\d)/, '').replace(/^[A-Za-z-]*(?=\d)/, '')) ?? undefined;

const versionOf = ({ tags }: Commit): string | undefined =>
  tags
    .flatMap((tag) => versionOfTag(tag) ?? [])
    .sort(semver.compare)
    .at(-1);

interface Part {
  readonly version: string | undefined;
  readonly date: string | undefined;
  readonly commits: Commit[];
}

// Without parents the order decides: what is above a tagged commit came after it.
const partsByOrder = (commits: readonly Commit[]): Part[] => {
  const parts: Part[] = [{ version: undefined, date: undefined, commits: [] }];
  for (const commit of commits) {
    const version = versionOf(commit);
    if (version !== undefined) parts.push({ version, date: commit.date, commits: [] });
    parts.at(-1)?.commits.push(commit);
  }
  return parts;
};

// With parents a commit belongs to the lowest version from which it can be reached.
const partsByReach = (commits: readonly Commit[]): Part[] => {
  const byHash = new Map(commits.map((commit) => [commit.hash ?? '', commit]));
  const owner = new Map<string, string>();
  const tagged = commits.flatMap((commit) => {
    const version = versionOf(commit);
    return version === undefined ? [] : [{ version, commit }];
  });
  tagged.sort((a, b) => semver.compare(a.version, b.version));
  for (const { version, commit } of tagged) {
    const open = [commit.hash ?? ''];
    for (let hash = open.pop(); hash !== undefined; hash = open.pop()) {
      if (owner.has(hash) || !byHash.has(hash)) continue;
      owner.set(hash, version);
      open.push(...(byHash.get(hash)?.parents ?? []));
    }
  }
  const released = tagged.toReversed().map(({ version, commit }) => ({ version, date: commit.date }));
  const owned = Map.groupBy(commits, ({ hash }) => owner.get(hash ?? ''));
  return [{ version: undefined, date: undefined }, ...released].map((one) => ({
    ...one,
    commits: owned.get(one.version) ?? [],
  }));
};

/** Which commit each revert takes back; a revert that was itself taken back takes back nothing. Newest first. */
const revertedIn = (commits: readonly Commit[]): Map<Commit, Commit> => {
  const taken = new Map<Commit, Commit>();
  const position = new Map(commits.map((commit, index) => [commit, index]));
  const byHeader = Map.groupBy(commits, ({ message }) => message.trim().split(/\r?\n/, 1)[0] ?? '');
  const byHash = new HashIndex(commits);
  for (const commit of commits) {
    const revert = revertOf(commit.message);
    if (revert === undefined || taken.has(commit)) continue;
    const older = (one: Commit): boolean => (position.get(one) ?? 0) > (position.get(commit) ?? 0) && !taken.has(one);
    const target =
      revert.hash === undefined
        ? (byHeader.get(revert.header ?? '') ?? []).find(older)
        : byHash.find(revert.hash, older);
    if (target !== undefined) taken.set(target, commit);
  }
  return taken;
};

/** Finds commits by the beginning of their hash. */
class HashIndex {
  private readonly byStart: ReadonlyMap<string, readonly Commit[]>;

  constructor(commits: readonly Commit[]) {
    this.byStart = Map.groupBy(
      commits.filter(({ hash }) => hash !== undefined),
      ({ hash }) => hash?.slice(0, 7) ?? '',
    );
  }

  find(hash: string, fits: (commit: Commit) => boolean): Commit | undefined {
    const same = (own = ''): boolean => own.startsWith(hash) || hash.startsWith(own);
    return (this.byStart.get(hash.slice(0, 7)) ?? []).find((one) => same(one.hash) && fits(one));
  }
}

const notesOf = ({ version, date, commits }: Part): ReleaseNotes => {
  const taken = revertedIn(commits);
  const takers = new Set(taken.values());
  const left = commits.filter((commit) => !taken.has(commit) && !takers.has(commit));
  const merges = left.filter(isMerge);
  const rest = left.filter((commit) => !isMerge(commit));
  const isRevert = ({ message }: Commit): boolean => revertOf(message) !== undefined;
  const reverts = rest.filter(isRevert);
  const read = rest
    .filter((commit) => !isRevert(commit))
    .map((commit) => ({ commit, read: conventional(commit.message) }));
  const entries = read.flatMap(({ commit, read: one }): Entry[] => {
    if (one === undefined) return [];
    const category = Object.hasOwn(categoryOf, one.type) ? categoryOf[one.type] : undefined;
    if (category !== undefined) return [{ commit, read: one, category }];
    return one.breaking === undefined ? [] : [{ commit, read: one, category: 'Changed' }];
  });
  const told = new Set(entries.map(({ commit }) => commit));
  return {
    version,
    date,
    commits: commits.length,
    entries,
    internal: read
      .filter(({ commit, read: one }) => one !== undefined && !told.has(commit))
      .map(({ commit }) => commit),
    notConventional: read.filter(({ read: one }) => one === undefined).map(({ commit }) => commit),
    merges,
    reverted: [...taken],
    reverts,
  };
};

/** The releases of a history, newest first; the first one is what is not released yet, and may have no commits. */
export const releasesOf = (commits: readonly Commit[]): ReleaseNotes[] => {
  const known = commits.every(({ hash, parents }) => hash !== undefined && parents !== undefined);
  return (known ? partsByReach(commits) : partsByOrder(commits)).map(notesOf);
};

/** What the commits ask of the next version, by Conventional Commits: `fix` and what else users notice is a patch. */
export const releaseKind = ({ entries, reverts }: ReleaseNotes): Release => {
  if (entries.some(({ read }) => read.breaking !== undefined)) return 'major';
  if (entries.some(({ category }) => category === 'Added' || category === 'Deprecated')) return 'minor';
  return entries.length > 0 || reverts.length > 0 ? 'patch' : 'none';
};

/** @param current the version before; undefined: there is none yet, so that the first one is 0.1.0 */
export const versionAfter = (current: string | undefined, kind: Release): string | null =>
  current === undefined ? (kind === 'none' ? null : '0.1.0') : nextVersion(current, kind);
