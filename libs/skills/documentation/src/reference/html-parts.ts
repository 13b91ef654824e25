// The pieces of an HTML reference: operations and schemas. All text of the document passes `escapeHtml` or `descriptionHtml`.
import type { Fields } from '../openapi/schema-fields.js';
import type { Word } from '../openapi/schema-words.js';
import { descriptionHtml } from './description.js';
import { escapeHtml } from './html-text.js';
import type { Content, Example, OperationEntry, ParameterRow, ResponseRow, SchemaEntry } from './reference-model.js';

const description = (text: string | undefined): string => (text === undefined ? '' : descriptionHtml(text));

const mark = (condition: boolean, html: string): string => (condition ? html : '');

export const methodBadge = (method: string): string => {
  const known = /^[A-Z]{3,7}$/.test(method) ? method.toLowerCase() : 'other';
  return `<span class="m ${known}">${escapeHtml(method)}</span>`;
};

const table = (kind: string, heads: readonly string[], rows: readonly string[]): string =>
  `<div class="wrap"><table class="${kind}"><thead><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;

/** Writes parts with links to the schemas that the page has. */
export class HtmlParts {
  constructor(private readonly anchorOf: (schema: string) => string | undefined) {}

  operation(entry: OperationEntry): string {
    const title = entry.summary ?? entry.id ?? `${entry.method} ${entry.path}`;
    return [
      `<section class="op" id="${entry.anchor}"><h3>${escapeHtml(title)}${mark(entry.deprecated, '<span class="tag">deprecated</span>')}</h3>`,
      `<div class="route">${methodBadge(entry.method)}<code${mark(entry.deprecated, ' class="gone"')}>${escapeHtml(entry.path)}</code>${mark(entry.webhook, '<span class="tag">webhook</span>')}</div>`,
      description(entry.description),
      mark(entry.servers.length > 0, `<p class="soft">Server: ${entry.servers.map(escapeHtml).join(', ')}</p>`),
      security(entry.security),
      this.parameters('Parameters', entry.parameters),
      this.body(entry),
      mark(
        entry.responses.length > 0,
        `<h4>Responses</h4>${entry.responses.map((one) => this.response(one)).join('')}`,
      ),
      mark(
        entry.callbacks.length > 0,
        `<h4>Callbacks</h4><ul>${entry.callbacks.map((one) => `<li><code>${escapeHtml(one)}</code></li>`).join('')}</ul>`,
      ),
      '</section>\n',
    ].join('');
  }

  schema(entry: SchemaEntry): string {
    const type = this.words(entry.type);
    const isTable = entry.fields.rows.length > 0;
    return [
      `<section class="schema" id="${entry.anchor}"><h3>${escapeHtml(entry.name)}${mark(entry.deprecated, '<span class="tag">deprecated</span>')}</h3>`,
      `<p><span class="t">${type}</span>${this.facts(entry.facts)}</p>`,
      description(entry.description),
      mark(isTable, this.fields(entry.fields)),
      '</section>\n',
    ].join('');
  }

  private words(words: readonly Word[]): string {
    return words
      .map(({ text, schema }) => {
        const anchor = schema === undefined ? undefined : this.anchorOf(schema);
        return anchor === undefined ? escapeHtml(text) : `<a href="#${anchor}">${escapeHtml(text)}</a>`;
      })
      .join('');
  }

  private facts(facts: readonly string[]): string {
    return facts.map((fact) => `<span class="f">${escapeHtml(fact)}</span>`).join('');
  }

  private parameters(title: string, rows: readonly ParameterRow[]): string {
    if (rows.length === 0) return '';
    const lines = rows.map(
      (row) =>
        `<tr><td><code${mark(row.deprecated, ' class="gone"')}>${escapeHtml(row.name)}</code>${required(row.required)}<span class="f">in ${escapeHtml(row.in)}</span></td>` +
        `<td><span class="t">${this.words(row.type)}</span></td><td>${description(row.description)}${this.facts(row.facts)}</td></tr>`,
    );
    return `<h4>${title}</h4>${table('params', ['Name', 'Type', 'Description'], lines)}`;
  }

  private fields({ rows, leftOut }: Fields): string {
    if (rows.length === 0) return '';
    const lines = rows.map(
      (row) =>
        `<tr><td><code${mark(row.deprecated, ' class="gone"')}>${escapeHtml(row.path)}</code>${required(row.required)}</td>` +
        `<td><span class="t">${this.words(row.type)}</span></td><td>${description(row.description)}${this.facts(row.facts)}</td></tr>`,
    );
    const more = leftOut === 0 ? '' : `<p class="soft">${leftOut} more members are left out.</p>`;
    return table('fields', ['Member', 'Type', 'Description'], lines) + more;
  }

  private body({ body }: OperationEntry): string {
    if (body === undefined) return '';
    return `<h4>Request body${required(body.required)}</h4>${description(body.description)}${body.contents.map((one) => this.content(one)).join('')}`;
  }

  private response({ status, description: text, headers, contents }: ResponseRow): string {
    const kind = /^[2-5]/.test(status) ? ` s${status.charAt(0)}` : '';
    const first = status.startsWith('2') ? ' open' : '';
    const label = `<span class="status${kind}">${escapeHtml(status)}</span>${description(text)}`;
    if (headers.length === 0 && contents.length === 0)
      return `<details class="answer"><summary>${label}</summary><p class="soft">Without content.</p></details>`;
    return `<details class="answer"${first}><summary>${label}</summary>${this.parameters('Headers', headers)}${contents.map((one) => this.content(one)).join('')}</details>`;
  }

  private content({ mediaType, type, facts, fields, examples }: Content): string {
    return [
      `<h5><code>${escapeHtml(mediaType)}</code> <span class="t">${this.words(type)}</span></h5>`,
      this.facts(facts),
      this.fields(fields),
      ...examples.map(example),
    ].join('');
  }
}

const required = (condition: boolean): string => mark(condition, '<span class="req">required</span>');

const security = (requirements: readonly string[] | undefined): string => {
  if (requirements === undefined || requirements.length === 0) return '';
  return `<p class="soft">Authorization: ${requirements.map(escapeHtml).join('; or ')}</p>`;
};

const example = ({ name, text, leftOut, made }: Example): string => {
  const title = made ? 'Example, made from the schema' : `Example${name === '' ? '' : `: ${escapeHtml(name)}`}`;
  const more = leftOut === 0 ? '' : `<p class="soft">${leftOut} more characters are left out.</p>`;
  return `<details class="more"><summary>${title}</summary><pre><code>${escapeHtml(text)}</code></pre>${more}</details>`;
};
