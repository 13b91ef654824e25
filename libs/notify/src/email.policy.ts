// A message as an e-mail: text and HTML with the same words.
import type { Severity } from '@pulser/contracts';

import type { Message } from './message.policy.js';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as it may stand in HTML, also within an attribute in quotes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? '');

const colours: Readonly<Record<Severity, string>> = { info: '#1a7f37', warning: '#9a6700', critical: '#cf222e' };

const paragraph = (text: string): string => `<p>${escapeHtml(text).replaceAll('\n', '<br>')}</p>`;

const row = ([label, value]: readonly [string, string]): string =>
  `<tr><th align="left" style="padding:2px 12px 2px 0;font-weight:600">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`;

const anchor = ({ text, url }: Message['links'][number]): string =>
  `<a href="${escapeHtml(url)}">${escapeHtml(text)}</a>`;

// Without styles of a sheet, images or scripts: mail readers show it as it is, and load nothing.
const htmlOf = ({ subject, severity, text, facts, links }: Message): string =>
  [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"></head>',
    '<body style="font-family:system-ui,sans-serif;line-height:1.45;max-width:42em">',
    `<h1 style="font-size:1.1em;border-left:4px solid ${colours[severity]};padding-left:10px">${escapeHtml(subject)}</h1>`,
    ...text.map(paragraph),
    ...(facts.length === 0 ? [] : ['<table>', ...facts.map(row), '</table>']),
    ...(links.length === 0 ? [] : [`<p>${links.map(anchor).join(' &middot; ')}</p>`]),
    '</body></html>',
  ].join('\n');

const plainOf = ({ text, facts, links }: Message): string =>
  [
    text.join('\n\n'),
    facts.map(([label, value]) => `${label}: ${value}`).join('\n'),
    links.map((link) => `${link.text}: ${link.url}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');

export interface EmailContent {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export const emailContent = (message: Message): EmailContent => ({
  subject: message.subject,
  text: `${plainOf(message)}\n`,
  html: htmlOf(message),
});
