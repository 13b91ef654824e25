// The reference as one Markdown file (GitHub's dialect), without HTML but for the places that links lead to.
import { textAt } from '../openapi/json-node.js';
import type { Fields } from '../openapi/schema-fields.js';
import type { Word } from '../openapi/schema-words.js';
import { BoundedPage } from './bounded-page.js';
import { descriptionCell, descriptionMarkdown } from './description.js';
import type { Reference } from './reference.js';
import type {
  Content,
  Detail,
  Example,
  OperationEntry,
  ParameterRow,
  ResponseRow,
  SchemaEntry,
} from './reference-model.js';

/** A text of one line, outside of code. */
export const markdownText = (text: string): string =>
  text
    .replaceAll(/[\\`*_[\]<>|#~]/g, (character) => `\\${character}`)
    .replaceAll(/\s+/g, ' ')
    .trim();

/** A text as code, also within a table. */
export const markdownCode = (text: string): string => {
  const plain = text.replaceAll(/\s+/g, ' ');
  const ticks = plain.includes('`') ? '``' : '`';
  const padded = ticks === '``' ? ` ${plain.replaceAll('``', "''")} ` : plain;
  return `${ticks}${padded.replaceAll('|', '\\|')}${ticks}`;
};

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

const head = (...names: readonly string[]): string => row(...names) + row(...names.map(() => '---'));

const fenced = (text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}\n\n`;
};

const paragraph = (text: string | undefined): string => (text === undefined ? '' : `${descriptionMarkdown(text)}\n\n`);

const cell = (text: string | undefined, facts: readonly string[]): string =>
  [...(text === undefined ? [] : [descriptionCell(text)]), ...facts.map(markdownText)].join('; ');

class MarkdownParts {
  constructor(private readonly anchorOf: (schema: string) => string | undefined) {}

  operation(entry: OperationEntry): string {
    const title = entry.summary ?? entry.id ?? `${entry.method} ${entry.path}`;
    const security = entry.security ?? [];
    return [
      `<a id="${entry.anchor}"></a>\n\n### ${markdownText(title)}\n\n`,
      `${markdownCode(`${entry.method} ${entry.path}`)}${entry.webhook ? ' (webhook)' : ''}${entry.deprecated ? ' **deprecated**' : ''}\n\n`,
      paragraph(entry.description),
      entry.servers.length === 0 ? '' : `Server: ${entry.servers.map(markdownCode).join(', ')}\n\n`,
      security.length === 0 ? '' : `Authorization: ${security.map(markdownText).join('; or ')}\n\n`,
      this.parameters('Parameters', entry.parameters),
      this.body(entry),
      ...entry.responses.map((one) => this.response(one)),
      entry.callbacks.length === 0
        ? ''
        : `#### Callbacks\n\n${entry.callbacks.map((one) => `- ${markdownCode(one)}\n`).join('')}\n`,
    ].join('');
  }

  schema(entry: SchemaEntry): string {
    return [
      `<a id="${entry.anchor}"></a>\n\n### ${markdownText(entry.name)}\n\n`,
      `Type: ${this.words(entry.type)}${entry.deprecated ? ' **deprecated**' : ''}${entry.facts.map((fact) => `; ${markdownText(fact)}`).join('')}\n\n`,
      paragraph(entry.description),
      this.fields(entry.fields),
    ].join('');
  }

  private words(words: readonly Word[]): string {
    return words
      .map(({ text, schema }) => {
        const anchor = schema === undefined ? undefined : this.anchorOf(schema);
        // Blanks at the ends belong to the words around.
        const [lead = '', trail = ''] = [/^\s*/.exec(text)?.[0], /\s*$/.exec(text)?.[0]];
        return anchor === undefined ? `${lead}${markdownText(text)}${trail}` : `[${markdownText(text)}](#${anchor})`;
      })
      .join('');
  }

  private parameters(title: string, rows: readonly ParameterRow[]): string {
    if (rows.length === 0) return '';
    const lines = rows.map((one) =>
      row(
        markdownCode(one.name),
        one.in,
        this.words(one.type),
        yes(one.required),
        cell(one.description, [...one.facts, ...gone(one)]),
      ),
    );
    return `#### ${title}\n\n${head('Name', 'In', 'Type', 'Required', 'Description')}${lines.join('')}\n`;
  }

  private fields({ rows, leftOut }: Fields): string {
    if (rows.length === 0) return '';
    const lines = rows.map((one) =>
      row(
        markdownCode(one.path),
        this.words(one.type),
        yes(one.required),
        cell(one.description, [...one.facts, ...gone(one)]),
      ),
    );
    const more = leftOut === 0 ? '' : `${leftOut} more members are left out.\n\n`;
    return `${head('Member', 'Type', 'Required', 'Description')}${lines.join('')}\n${more}`;
  }

  private body({ body }: OperationEntry): string {
    if (body === undefined) return '';
    const title = `#### Request body${body.required ? ' (required)' : ''}\n\n`;
    return title + paragraph(body.description) + body.contents.map((one) => this.content(one)).join('');
  }

  private response({ status, description, headers, contents }: ResponseRow): string {
    return [
      `#### Response ${markdownText(status)}\n\n`,
      paragraph(description),
      this.parameters('Headers', headers),
      ...contents.map((one) => this.content(one)),
    ].join('');
  }

  private content({ mediaType, type, facts, fields, examples }: Content): string {
    return [
      `${markdownCode(mediaType)}: ${this.words(type)}${facts.map((fact) => `; ${markdownText(fact)}`).join('')}\n\n`,
      this.fields(fields),
      ...examples.map(example),
    ].join('');
  }
}

const yes = (condition: boolean): string => (condition ? 'yes' : '');

const gone = ({ deprecated }: { readonly deprecated: boolean }): string[] => (deprecated ? ['deprecated'] : []);

const example = ({ name, text, leftOut, made }: Example): string => {
  const title = made ? 'Example, made from the schema' : `Example${name === '' ? '' : ` "${markdownText(name)}"`}`;
  return `${title}${leftOut === 0 ? '' : ` (${leftOut} more characters are left out)`}:\n\n${fenced(text)}`;
};

const introduction = (reference: Reference): string => {
  const { document, servers, securitySchemes, groups, operationCount, schemaNames } = reference;
  const version = textAt(document.root['info'], 'version');
  const items = groups.map(
    ({ title, anchor, operations }) => `- [${markdownText(title)}](#${anchor}) (${operations.length})\n`,
  );
  return [
    `# ${markdownText(document.title)}\n\n`,
    `${version === undefined ? '' : `Version ${markdownText(version)}. `}OpenAPI ${document.version}, ${operationCount} operations, ${schemaNames.length} schemas.\n\n`,
    paragraph(textAt(document.root['info'], 'description')),
    `## Contents\n\n${items.join('')}${schemaNames.length === 0 ? '' : `- [Schemas](#schemas) (${schemaNames.length})\n`}\n`,
    servers.length === 0
      ? ''
      : `## Servers\n\n${servers.map(({ url, description }) => `- ${markdownCode(url)}${description === undefined ? '' : ` ${descriptionCell(description)}`}\n`).join('')}\n`,
    securitySchemes.length === 0
      ? ''
      : `## Authorization\n\n${securitySchemes.map(({ name, kind, description }) => `- ${markdownCode(name)}: ${markdownText(kind)}${description === undefined ? '' : `. ${descriptionCell(description)}`}\n`).join('')}\n`,
  ].join('');
};

/**
 * @param maxBytes of the page in UTF-8
 * @throws PageTooLarge
 */
export const markdownPage = (reference: Reference, detail: Detail, maxBytes: number): Buffer => {
  const page = new BoundedPage(maxBytes);
  const parts = new MarkdownParts((name) => reference.schemaAnchor(name));
  page.write(introduction(reference));
  for (const group of reference.groups) {
    page.write(`<a id="${group.anchor}"></a>\n\n## ${markdownText(group.title)}\n\n${paragraph(group.description)}`);
    for (const entry of reference.entries(group, detail)) page.write(parts.operation(entry));
  }
  if (reference.schemaNames.length > 0) page.write('<a id="schemas"></a>\n\n## Schemas\n\n');
  for (const entry of reference.schemas(detail)) page.write(parts.schema(entry));
  return page.content();
};
