import { readFile } from 'node:fs/promises';

import { operation, type TaskContext } from '@pulser/agent-runtime/skill';
import semver from 'semver';

import type { Release } from '../changes/next-version.policy.js';
import { documentationErrors } from '../documents/documentation-errors.js';
import { UnreadableText } from '../documents/unreadable-text.js';
import { changelogExample, ChangelogInput, type ChangelogResult } from './changelog-contract.js';
import { bareCommit, type Commit, commitsOfText } from './commit-text.js';
import { conventional } from './conventional-commit.policy.js';
import { readBundle } from './git-bundle.js';
import { keepAChangelog, subjectOf } from './keep-a-changelog.js';
import { categories, releaseKind, type ReleaseNotes, releasesOf, versionAfter } from './releases.policy.js';

// The operation `changelog`: what a history says, by version and for users, and which version comes next.

const maxBundleBytes = 300_000_000;
const maxText = 100_000;
const maxReleases = 200;
const maxNotConventional = 500;
const maxReverted = 200;

interface History {
  readonly commits: readonly Commit[];
  readonly notes: readonly string[];
}

type Bundle = NonNullable<ChangelogInput['bundle']>;

const bundleBytes = async (bundle: Bundle, context: TaskContext): Promise<Buffer> => {
  if ('content_base64' in bundle) return Buffer.from(bundle.content_base64, 'base64');
  const { path, bytes } = await context.openData(bundle.reference);
  if (bytes > maxBundleBytes)
    throw documentationErrors.error(
      'document_too_large',
      `The bundle has ${bytes} bytes; ${maxBundleBytes} are the most`,
    );
  return readFile(path);
};

const bundleHistory = async (bundle: Bundle, branch: string | undefined, context: TaskContext): Promise<History> => {
  const bytes = await bundleBytes(bundle, context);
  try {
    const { commits, head, missing } = readBundle(bytes, branch);
    const notes = [`The history is that of ${head}`];
    if (missing.length > 0)
      notes.push(`The bundle begins after ${missing.length} commits that it does not have: what is older is not told`);
    return { commits, notes };
  } catch (error) {
    if (!(error instanceof UnreadableText)) throw error;
    throw documentationErrors.error('document_unreadable', error.message, { cause: error });
  }
};

const historyOf = async (input: ChangelogInput, context: TaskContext): Promise<History> => {
  if (input.bundle !== undefined) return bundleHistory(input.bundle, input.branch, context);
  const { commits = '' } = input;
  if (typeof commits === 'string') return { commits: commitsOfText(commits), notes: [] };
  return {
    commits: commits.map(({ message, hash, author, date, tags }) => ({
      ...bareCommit(message, hash),
      author,
      date,
      tags,
    })),
    notes: [],
  };
};

const listed = (commit: Commit, version: string | undefined): ChangelogResult['not_conventional'][number] => ({
  hash: commit.hash ?? null,
  subject: subjectOf(commit),
  version: version ?? null,
});

const countsOf = (release: ReleaseNotes): ChangelogResult['releases'][number] => {
  const { version, date, commits, entries, internal, notConventional, merges, reverted, reverts } = release;
  const counts = categories.map(
    (category) => [category, entries.filter((one) => one.category === category).length] as const,
  );
  return {
    version: version ?? null,
    date: date ?? null,
    commits,
    notable: Object.fromEntries(counts.filter(([, count]) => count > 0)),
    breaking: entries.filter(({ read }) => read.breaking !== undefined).length,
    internal: internal.length,
    not_conventional: notConventional.length,
    merges: merges.length,
    reverted: 2 * reverted.length,
    reverts: reverts.length,
  };
};

const internalTypes = (releases: readonly ReleaseNotes[]): Record<string, number> => {
  const types = releases.flatMap(({ internal }) =>
    internal.map(({ message }) => conventional(message)?.type ?? 'other'),
  );
  return Object.fromEntries([...Map.groupBy(types, (type) => type)].map(([type, list]) => [type, list.length]));
};

const doubts = (open: ReleaseNotes, current: string | undefined, kind: Release): string[] => {
  const notes: string[] = [];
  const unknown = open.notConventional.length;
  if (unknown > 0 && kind !== 'major')
    notes.push(
      `${unknown} unreleased commits are not conventional: if one of them breaks something, the next version is another`,
    );
  if (current === undefined)
    notes.push('No version is given and no tag names one: the next one is taken for the first');
  else if (semver.valid(current.replace(/^v/, '')) === null)
    notes.push(`The current version ${current} is no semantic version, so that there is no next one`);
  return notes;
};

/** Writes the changelog of a history. */
export const changelog = operation({
  name: 'changelog',
  summary: 'Writes a changelog from conventional commits, given as text or as a git bundle, and names the next version',
  input: ChangelogInput,
  example: changelogExample,
  errors: documentationErrors,
  handle: async (input, context): Promise<ChangelogResult> => {
    const { commits, notes } = await historyOf(input, context);
    context.progress(50, 'The history is read');
    const releases = releasesOf(commits);
    const [open, ...released] = releases;
    if (open === undefined || commits.length === 0)
      throw documentationErrors.error('document_unreadable', 'There are no commits');
    const kind = releaseKind(open);
    const current = input.current_version ?? released[0]?.version;
    const next = versionAfter(current, kind);
    const told = input.releases === 'all' ? releases.filter(({ commits: count }, at) => at === 0 || count > 0) : [open];
    const planned = next !== null && input.date !== undefined ? { version: next, date: input.date } : undefined;
    const text = keepAChangelog(input.project, told, planned);
    await context.artifact('CHANGELOG.md', 'text/markdown', Buffer.from(text));
    const all = releases.flatMap(({ version, notConventional }) => notConventional.map((one) => listed(one, version)));
    const reverted = releases.flatMap(({ version, reverted: pairs }) =>
      pairs.map(([commit, by]) => ({ commit: listed(commit, version), by: listed(by, version) })),
    );
    return {
      current_version: current ?? null,
      next_version: next,
      release: kind,
      text: text.length <= maxText ? text : null,
      commits: commits.length,
      releases: releases.slice(0, maxReleases).map(countsOf),
      not_conventional: all.slice(0, maxNotConventional),
      reverted: reverted.slice(0, maxReverted),
      internal_by_type: internalTypes(releases),
      notes: [...notes, ...doubts(open, current, kind)],
    };
  },
});
