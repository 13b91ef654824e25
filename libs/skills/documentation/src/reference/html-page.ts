// The reference as one HTML file: nothing in it loads or runs anything.
import { createHash } from 'node:crypto';

import { textAt } from '../openapi/json-node.js';
import { BoundedPage } from './bounded-page.js';
import { descriptionHtml } from './description.js';
import { HtmlParts, methodBadge } from './html-parts.js';
import { escapeHtml } from './html-text.js';
import { pageStyle } from './page-style.js';
import type { Group, Reference } from './reference.js';
import type { Detail } from './reference-model.js';

// The one style of the page, by its hash: a file that is opened by itself has no header to say so.
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(pageStyle).digest('base64')}'; base-uri 'none'; form-action 'none'`;

/** Groups of more operations than this are closed in the contents. */
const maxOpenContents = 80;

const groupLinks = (group: Group, open: boolean): string => {
  const items = group.operations.map(({ anchor, operation }) => {
    const title = textAt(operation.node, 'summary') ?? operation.path;
    return `<li><a href="#${anchor}">${methodBadge(operation.method)}<span>${escapeHtml(title)}</span></a></li>`;
  });
  return `<details${open ? ' open' : ''}><summary><a href="#${group.anchor}">${escapeHtml(group.title)}</a> <span class="count">${items.length}</span></summary><ul>${items.join('')}</ul></details>`;
};

const contents = (reference: Reference): string => {
  const open = reference.operationCount <= maxOpenContents;
  const names = reference.schemaNames;
  const schemas = names.map(
    (name) => `<li><a class="plain" href="#${reference.schemaAnchor(name) ?? ''}">${escapeHtml(name)}</a></li>`,
  );
  return [
    `<nav aria-label="Contents"><p class="name"><a href="#top">${escapeHtml(reference.document.title)}</a></p>`,
    ...reference.groups.map((group) => groupLinks(group, open)),
    names.length === 0
      ? ''
      : `<details><summary><a href="#schemas">Schemas</a> <span class="count">${names.length}</span></summary><ul>${schemas.join('')}</ul></details>`,
    '</nav>',
  ].join('');
};

const list = (title: string, rows: readonly (readonly [string, string, string | undefined])[]): string =>
  rows.length === 0
    ? ''
    : `<h4>${title}</h4><div class="wrap"><table><tbody>${rows
        .map(
          ([name, kind, text]) =>
            `<tr><td><code>${escapeHtml(name)}</code></td><td>${escapeHtml(kind)}${text === undefined ? '' : descriptionHtml(text)}</td></tr>`,
        )
        .join('')}</tbody></table></div>`;

const introduction = (reference: Reference): string => {
  const { document, servers, securitySchemes, operationCount, schemaNames } = reference;
  const info = document.root['info'];
  const version = textAt(info, 'version');
  const description = textAt(info, 'description');
  const facts = [
    ...(version === undefined ? [] : [`Version ${version}`]),
    `OpenAPI ${document.version}`,
    `${operationCount} operations`,
    `${schemaNames.length} schemas`,
  ];
  const notRead = document.references.outside.length;
  return [
    `<h1 id="top">${escapeHtml(document.title)}</h1><p class="meta">${facts.map(escapeHtml).join(' · ')}</p>`,
    description === undefined ? '' : descriptionHtml(description),
    notRead === 0
      ? ''
      : `<p class="note">${notRead} references of this description lead to other documents, which were not read.</p>`,
    list(
      'Servers',
      servers.map(({ url, description: text }) => [url, '', text]),
    ),
    list(
      'Authorization',
      securitySchemes.map(({ name, kind, description: text }) => [name, kind, text]),
    ),
  ].join('');
};

/**
 * @param maxBytes of the page in UTF-8
 * @throws PageTooLarge
 */
export const htmlPage = (reference: Reference, detail: Detail, maxBytes: number): Buffer => {
  const page = new BoundedPage(maxBytes);
  const parts = new HtmlParts((name) => reference.schemaAnchor(name));
  page.write(
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">',
    `<title>${escapeHtml(reference.document.title)}</title><style>${pageStyle}</style></head>\n<body><div class="page">`,
    contents(reference),
    `<main>${introduction(reference)}`,
  );
  for (const group of reference.groups) {
    page.write(`<h2 id="${group.anchor}">${escapeHtml(group.title)}</h2>\n`);
    if (group.description !== undefined) page.write(`<div class="intro">${descriptionHtml(group.description)}</div>`);
    for (const entry of reference.entries(group, detail)) page.write(parts.operation(entry));
  }
  if (reference.schemaNames.length > 0) page.write('<h2 id="schemas">Schemas</h2>\n');
  for (const entry of reference.schemas(detail)) page.write(parts.schema(entry));
  page.write('</main></div></body></html>\n');
  return page.content();
};
