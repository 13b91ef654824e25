// Releases as a text by Keep a Changelog 1.1.0 (https://keepachangelog.com/en/1.1.0/).
import { markdownText } from '../reference/markdown-page.js';
import type { Commit } from './commit-text.js';
import { revertOf } from './conventional-commit.policy.js';
import { categories, type Entry, type ReleaseNotes } from './releases.policy.js';

export const subjectOf = ({ message }: Commit): string => (message.trim().split(/\r?\n/, 1)[0] ?? '').slice(0, 300);

/** A line of a message: what stands between single backticks stays code. */
const lineText = (text: string): string =>
  text
    .split(/(`[^`]+`)/)
    .map((part, index) => (index % 2 === 1 ? part : spaced(part)))
    .join('');

// `markdownText` takes the blanks at the ends away, which separate a text from the code beside it.
const spaced = (part: string): string =>
  `${/^\s/.test(part) ? ' ' : ''}${markdownText(part)}${/\s$/.test(part) && part.trim() !== '' ? ' ' : ''}`;

const hashText = ({ hash }: Commit): string => (hash === undefined ? '' : ` (${hash.slice(0, 9)})`);

const bullet = (commit: Commit, text: string): string => `- ${text}${hashText(commit)}\n`;

const entryText = ({ commit, read }: Entry): string => {
  const { scope, description, breaking } = read;
  const mark = breaking === undefined ? '' : '**Breaking:** ';
  const note = breaking === undefined || breaking === description ? '' : `. ${lineText(breaking)}`;
  return bullet(
    commit,
    `${mark}${scope === undefined ? '' : `**${markdownText(scope)}:** `}${lineText(description)}${note}`,
  );
};

const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `### ${title}\n\n${lines.join('')}\n`;

const breaksFirst = (entries: readonly Entry[]): Entry[] =>
  [...entries].sort((a, b) => Number(b.read.breaking !== undefined) - Number(a.read.breaking !== undefined));

const revertText = (commit: Commit): string =>
  bullet(commit, `Taken back: ${lineText(revertOf(commit.message)?.header ?? subjectOf(commit))}`);

/** @param heading such as `[Unreleased]` or `[1.2.0] - 2026-11-29` */
const releaseText = (release: ReleaseNotes, heading: string): string => {
  const parts = categories.map((category) => {
    const entries = breaksFirst(release.entries.filter((one) => one.category === category));
    const reverts = category === 'Removed' ? release.reverts.map(revertText) : [];
    return section(category, [...entries.map(entryText), ...reverts]);
  });
  const others = section(
    'Other commits',
    release.notConventional.map((one) => bullet(one, lineText(subjectOf(one)))),
  );
  const text = parts.join('') + others;
  return `## ${heading}\n\n${text === '' ? 'Nothing that users would notice.\n\n' : text}`;
};

/**
 * @param next of what is not released yet: its version and day when it is to be released
 */
export const keepAChangelog = (
  project: string | undefined,
  releases: readonly ReleaseNotes[],
  next: { readonly version: string; readonly date: string } | undefined,
): string => {
  const heading = ({ version, date }: ReleaseNotes): string => {
    if (version !== undefined) return date === undefined ? `[${version}]` : `[${version}] - ${date}`;
    return next === undefined ? '[Unreleased]' : `[${next.version}] - ${next.date}`;
  };
  return [
    '# Changelog\n\n',
    `All notable changes to ${project === undefined ? 'this project' : markdownText(project)}. The format is [Keep a Changelog](https://keepachangelog.com/en/1.1.0/); versions follow [Semantic Versioning](https://semver.org).\n\n`,
    ...releases.map((release) => releaseText(release, heading(release))),
  ].join('');
};
