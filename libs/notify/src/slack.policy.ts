// A message as Slack blocks: https://docs.slack.dev/reference/block-kit/blocks
import type { Severity } from '@pulser/contracts';

import type { Message } from './message.policy.js';

/** Limits of Slack, in characters: 150 of a header, 3,000 of a text, 2,000 of a field, 10 fields, 50 blocks. */
const limits = { header: 150, text: 2_900, field: 1_900, fields: 10, sections: 40, links: 20 } as const;

const marks: Readonly<Record<Severity, string>> = {
  info: ':large_green_circle:',
  warning: ':warning:',
  critical: ':red_circle:',
};

/**
 * A text that is no markup: `&`, `<` and `>` are Slack's control characters (links, mentions such as `<!channel>`); the
 * others get an invisible character after them, so that they neither format nor link.
 * https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
export const escapeMrkdwn = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/(?<![\p{L}\p{N}])[*_~`@#]/gu, (sign) => `${sign}\u200b`);

// Not in the middle of an entity.
const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most).replace(/&[a-z]{0,4}$/, '')}…`;

const mrkdwn = (text: string) => ({ type: 'mrkdwn', text, verbatim: true }) as const;

const section = (text: string) => ({ type: 'section', text: mrkdwn(cut(escapeMrkdwn(text), limits.text)) });

// A URL in a link ends at | or >.
const linkTo = ({ text, url }: Message['links'][number]): string =>
  `<${url.replace(/[<>|]/g, encodeURIComponent)}|${escapeMrkdwn(text).replaceAll('|', '¦')}>`;

// As few blocks as hold the paragraphs: 50 are the most.
const joined = (paragraphs: readonly string[]): string[] => {
  const found: string[] = [];
  for (const paragraph of paragraphs.filter((one) => one !== '')) {
    const last = found.at(-1);
    if (last === undefined || last.length + paragraph.length > limits.text / 2) found.push(paragraph);
    else found[found.length - 1] = `${last}\n${paragraph}`;
  }
  return found.slice(0, limits.sections);
};

const field = ([label, value]: readonly [string, string]) =>
  mrkdwn(`*${escapeMrkdwn(label)}*\n${cut(escapeMrkdwn(value), limits.field)}`);

const fields = (facts: Message['facts']): object[] =>
  facts.length === 0 ? [] : [{ type: 'section', fields: facts.slice(0, limits.fields).map(field) }];

/** The body of a request to an incoming webhook. */
export const slackBody = ({ subject, severity, text, facts, links }: Message): object => ({
  // For notifications of the operating system, and where blocks are not shown.
  text: cut(escapeMrkdwn(subject), limits.text),
  blocks: [
    // Of plain_text all characters are shown as they are.
    { type: 'header', text: { type: 'plain_text', text: cut(subject, limits.header - 1), emoji: false } },
    ...joined(text).map(section),
    ...fields(facts),
    { type: 'context', elements: [mrkdwn([marks[severity], ...links.slice(0, limits.links).map(linkTo)].join(' '))] },
  ],
});
