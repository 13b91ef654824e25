// The changes of an API as a page in Markdown.
import { markdownCode, markdownText } from '../reference/markdown-page.js';
import type { ApiChangesResult, ChangeView } from './api-changes-contract.js';

const maxListed = 5_000;

const line = ({ what, why, rule, before, after }: ChangeView): string => {
  const place = before === after ? markdownCode(after) : `${markdownCode(before)} to ${markdownCode(after)}`;
  return `- **${markdownText(rule)}**: ${markdownText(what)}. ${markdownText(why)} (${place})\n`;
};

const section = (title: string, changes: readonly ChangeView[]): string => {
  if (changes.length === 0) return '';
  const byOperation = Map.groupBy(changes.slice(0, maxListed), ({ operation }) => operation ?? 'The whole description');
  const parts = [...byOperation].map(([name, list]) => `### ${markdownText(name)}\n\n${list.map(line).join('')}\n`);
  const more = changes.length > maxListed ? `${changes.length - maxListed} more are left out here.\n\n` : '';
  return `## ${title}\n\n${parts.join('')}${more}`;
};

/** @param title of the API */
export const changesPage = (title: string, result: ApiChangesResult, changes: readonly ChangeView[]): string => {
  const { version, not_judged, not_judged_count } = result;
  const of = (level: ChangeView['level']): ChangeView[] => changes.filter((one) => one.level === level);
  const open = not_judged.map(
    ({ before, after, reason }) =>
      `- ${markdownText(reason)}: ${markdownCode(before)}${before === after ? '' : ` to ${markdownCode(after)}`}\n`,
  );
  return [
    `# Changes of ${markdownText(title)}\n\n`,
    `${markdownText(version.before ?? 'no version')} to ${markdownText(version.after ?? 'no version')}: ${markdownText(result.summary)}\n\n`,
    section('Breaking', of('breaking')),
    section('Compatible', of('minor')),
    section('Other', of('patch')),
    open.length === 0
      ? ''
      : `## Not judged\n\nThere is no rule for these differences; they may break clients, too.\n\n${open.join('')}${not_judged_count > open.length ? `\n${not_judged_count - open.length} more are left out.\n` : ''}`,
  ].join('');
};
