// Descriptions are Markdown from outside, often with HTML in it: as safe HTML, and as Markdown without HTML.
import rehypeRaw from 'rehype-raw';
import rehypeSanitize, { defaultSchema, type Options } from 'rehype-sanitize';
import rehypeStringify from 'rehype-stringify';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import remarkRehype from 'remark-rehype';
import remarkStringify from 'remark-stringify';
import { unified } from 'unified';

import { escapeHtml } from './html-text.js';
import { keepToReading, withoutHtml } from './description-tree.js';

/** Characters of one description; the rest is cut, with a word. */
const maxLength = 60_000;

// No ids, classes, pictures and forms: only text, its marks, lists, tables and links to the web.
const schema: Options = {
  ...defaultSchema,
  tagNames: (defaultSchema.tagNames ?? []).filter((name) => !['img', 'input', 'picture', 'source'].includes(name)),
  attributes: { a: ['href'], code: [], td: [], th: [], ol: ['start'] },
  protocols: { href: ['http', 'https', 'mailto'] },
};

const toHtml = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(remarkRehype, { allowDangerousHtml: true })
  .use(rehypeRaw)
  .use(keepToReading)
  .use(rehypeSanitize, schema)
  .use(rehypeStringify)
  .freeze();

const toMarkdown = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(withoutHtml)
  .use(remarkStringify, { bullet: '-', rule: '-' })
  .freeze();

// Most descriptions are plain sentences; what begins or contains none of this means the same in both languages.
const marked = /[*_`[\]<>&\\|~#]|^\s*(?:[-+=]|\d{1,9}[.)])|https?:|www\.|@|\n[ \t]*\n|\n\s*[-+=\d]|^(?: {4}|\t)| {2}\n/;

const cut = (text: string): string =>
  text.length <= maxLength
    ? text
    : `${text.slice(0, maxLength)}\n\n(${text.length - maxLength} more characters are left out.)`;

/** How often `pattern`, which must be global, is found: at most `max` times. */
const occursMoreThan = (text: string, pattern: RegExp, max: number): boolean => {
  const found = text.matchAll(pattern);
  let count = 0;
  while (count <= max && found.next().done !== true) count += 1;
  return count > max;
};

// Texts on which the parser takes time by the square of their length: 15,000 asterisks that close nothing took 30 s.
const isCostly = (text: string): boolean =>
  occursMoreThan(text, /[*_~]+/g, 3_000) ||
  occursMoreThan(text, /[[<]/g, 6_000) ||
  /^[ \t]*(?:>[ \t]?){50}/m.test(text);

/** One renderer for each language, which knows again what it has rendered: descriptions repeat a lot. */
class Renderer {
  private readonly known = new Map<string, string>();

  constructor(
    private readonly render: (text: string) => string,
    private readonly plain: (text: string) => string,
  ) {}

  of(description: string): string {
    const text = cut(description.trim());
    if (!marked.test(text) || isCostly(text)) return this.plain(text);
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const rendered = this.rendered(text);
    if (this.known.size >= 5_000) this.known.clear();
    this.known.set(text, rendered);
    return rendered;
  }

  private rendered(text: string): string {
    try {
      return this.render(text).trim();
    } catch (error) {
      // Nested so deeply that a parser has called itself too often: shown as the plain text that it is.
      if (error instanceof RangeError) return this.plain(text);
      throw error;
    }
  }
}

const html = new Renderer(
  (text) => String(toHtml.processSync(text)),
  (text) => `<p>${escapeHtml(text)}</p>`,
);

const escapeMarkdown = (text: string): string => text.replaceAll(/[<>*_`[\]\\|#]/g, (character) => `\\${character}`);

const markdown = new Renderer((text) => String(toMarkdown.processSync(text)), escapeMarkdown);

/** A description as HTML: no scripts, styles, pictures, ids, and no links but to http, https and mailto. */
export const descriptionHtml = (description: string): string => html.of(description);

/** The same as Markdown without any HTML; headings are at the sixth level, below all others of a page. */
export const descriptionMarkdown = (description: string): string => markdown.of(description);

/** A description as the inside of a cell of a Markdown table. */
export const descriptionCell = (description: string): string =>
  descriptionMarkdown(description)
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(/(?<!\\)\|/g, '\\|');
