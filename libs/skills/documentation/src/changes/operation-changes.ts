// Compares two descriptions operation by operation.
import { isMap, isTrue, type JsonMap, listAt, mapAt, memberOf, pointerStep, textAt } from '../openapi/json-node.js';
import type { Direction } from '../openapi/made-example.policy.js';
import type { ApiOperation, ApiParameter, OpenApiDocument } from '../openapi/openapi-document.js';
import { canonical } from './canonical.js';
import { ChangeReport } from './change-report.js';
import { SchemaChanges } from './schema-changes.js';
import { SecurityChanges } from './security-changes.js';

interface Located {
  readonly node: JsonMap;
  readonly at: string;
}

const label = ({ method, path, webhook }: ApiOperation): string => `${webhook ? 'webhook ' : ''}${method} ${path}`;

/** A path with the names of its parameters left out. */
const template = (path: string): string => path.replaceAll(/\{[^{}]*\}/g, '{}');

class OperationChanges {
  readonly report = new ChangeReport();
  private readonly schemas: SchemaChanges;
  private readonly security: SecurityChanges;

  constructor(
    private readonly earlier: OpenApiDocument,
    private readonly later: OpenApiDocument,
  ) {
    this.schemas = new SchemaChanges(earlier, later, this.report);
    this.security = new SecurityChanges(earlier, later, this.report);
  }

  compare(): ChangeReport {
    this.compareServers();
    this.security.compareSchemes();
    const rest = new Map(this.later.operations().map((one) => [label(one), one]));
    const byTemplate = new Map([...rest.values()].map((one) => [template(label(one)), one]));
    for (const one of this.earlier.operations()) {
      const same = rest.get(label(one)) ?? byTemplate.get(template(label(one)));
      this.report.operation = label(one);
      if (same === undefined || !rest.delete(label(same))) this.reportRemoved(one);
      else this.compareOperation(one, same);
    }
    for (const [name, one] of rest) {
      this.report.operation = name;
      this.report.add('operation-added', this.holderOf(this.earlier, one), one.at, name);
    }
    return this.report;
  }

  private reportRemoved(one: ApiOperation): void {
    const text = isTrue(one.node, 'deprecated') ? `${label(one)} (was deprecated)` : label(one);
    this.report.add('operation-removed', one.at, this.holderOf(this.later, one), text);
  }

  /** The path in a description, or where it would stand. */
  private holderOf(document: OpenApiDocument, { path, webhook }: ApiOperation): string {
    const table = webhook ? 'webhooks' : 'paths';
    return memberOf(mapAt(document.root, table), path) === undefined ? `/${table}` : `/${table}${pointerStep(path)}`;
  }

  private compareServers(): void {
    const urls = (document: OpenApiDocument): (string | undefined)[] =>
      listAt(document.root, 'servers').map((server) => textAt(server, 'url'));
    const [was, is] = [urls(this.earlier), urls(this.later)];
    was.forEach((url, index) => {
      if (url !== undefined && !is.includes(url))
        this.report.add('server-removed', `/servers/${index}`, '/servers', url);
    });
    is.forEach((url, index) => {
      if (url !== undefined && !was.includes(url))
        this.report.add('server-added', '/servers', `/servers/${index}`, url);
    });
  }

  private compareOperation(before: ApiOperation, after: ApiOperation): void {
    const [was, is] = [isTrue(before.node, 'deprecated'), isTrue(after.node, 'deprecated')];
    if (was !== is)
      this.report.add(is ? 'operation-deprecated' : 'operation-restored', before.at, after.at, label(after));
    // What a webhook sends is what clients get.
    const [sent, got]: readonly Direction[] = before.webhook ? ['response', 'request'] : ['request', 'response'];
    this.compareParameters(before, after);
    this.compareBody(before, after, sent ?? 'request');
    this.compareResponses(before, after, got ?? 'response');
    if (!before.webhook) this.security.compare(before, after);
    for (const key of ['callbacks', 'servers'])
      if (canonical(memberOf(before.node, key)) !== canonical(memberOf(after.node, key)))
        this.report.leaveOpen(before.at, after.at, `No rule judges the member ${key}`);
  }

  private compareParameters(before: ApiOperation, after: ApiOperation): void {
    if (before.webhook) {
      if (canonical(before.parameters.map(({ node }) => node)) !== canonical(after.parameters.map(({ node }) => node)))
        this.report.leaveOpen(before.at, after.at, 'No rule judges parameters of webhooks');
      return;
    }
    const [was, is] = [parametersOf(before), parametersOf(after)];
    for (const [key, one] of was) {
      const other = is.get(key);
      if (other === undefined) this.report.add('parameter-removed', one.at, after.at, `${one.name} in ${one.in}`);
      else this.compareParameter(one, other);
    }
    for (const [key, one] of is)
      if (!was.has(key))
        this.report.add(
          isTrue(one.node, 'required') || one.in === 'path' ? 'required-parameter-added' : 'parameter-added',
          before.at,
          one.at,
          `${one.name} in ${one.in}`,
        );
  }

  private compareParameter(before: ApiParameter, after: ApiParameter): void {
    const name = `${after.name} in ${after.in}`;
    if (before.in === 'path' && before.name !== after.name)
      this.report.add('path-parameter-renamed', before.at, after.at, `${before.name} becomes ${after.name}`);
    else if (before.in !== 'path') {
      const [was, is] = [isTrue(before.node, 'required'), isTrue(after.node, 'required')];
      if (was !== is)
        this.report.add(is ? 'parameter-became-required' : 'parameter-became-optional', before.at, after.at, name);
    }
    const [was, is] = [writingOf(before), writingOf(after)];
    if (was !== is)
      this.report.add('parameter-serialization-changed', before.at, after.at, `${name}: ${was} becomes ${is}`);
    this.schemas.compare('request', schemaOf(before), schemaOf(after));
  }

  private compareBody(before: ApiOperation, after: ApiOperation, direction: Direction): void {
    const was = this.earlier.resolveMap(memberOf(before.node, 'requestBody'), `${before.at}/requestBody`);
    const is = this.later.resolveMap(memberOf(after.node, 'requestBody'), `${after.at}/requestBody`);
    if (was === undefined && is === undefined) return;
    if (was === undefined || is === undefined) {
      if (was !== undefined) this.report.add('request-body-removed', was.at, after.at, label(after));
      else if (is !== undefined)
        this.report.add(
          isTrue(is.node, 'required') ? 'required-request-body-added' : 'request-body-added',
          before.at,
          is.at,
          label(after),
        );
      return;
    }
    const [needed, needs] = [isTrue(was.node, 'required'), isTrue(is.node, 'required')];
    if (needed !== needs)
      this.report.add(
        needs ? 'request-body-became-required' : 'request-body-became-optional',
        was.at,
        is.at,
        label(after),
      );
    this.compareContent(was, is, direction, 'request');
  }

  private compareResponses(before: ApiOperation, after: ApiOperation, direction: Direction): void {
    const [was, is] = [mapAt(before.node, 'responses'), mapAt(after.node, 'responses')];
    for (const status of statusesOf(was)) {
      const at = `${before.at}/responses${pointerStep(status)}`;
      if (!Object.hasOwn(is, status))
        this.report.add(
          /^[123]/.test(status) ? 'response-removed' : 'failure-response-removed',
          at,
          `${after.at}/responses`,
          status,
        );
      else
        this.compareResponse(
          { value: was[status], at },
          { value: is[status], at: `${after.at}/responses${pointerStep(status)}` },
          direction,
        );
    }
    for (const status of statusesOf(is))
      if (!Object.hasOwn(was, status))
        this.report.add(
          'response-added',
          `${before.at}/responses`,
          `${after.at}/responses${pointerStep(status)}`,
          status,
        );
  }

  private compareResponse(
    before: { readonly value: unknown; readonly at: string },
    after: { readonly value: unknown; readonly at: string },
    direction: Direction,
  ): void {
    const was = this.earlier.resolveMap(before.value, before.at);
    const is = this.later.resolveMap(after.value, after.at);
    if (was === undefined || is === undefined) {
      this.report.leaveOpen(before.at, after.at, 'The answer is in another document, or nowhere');
      return;
    }
    this.compareHeaders(was, is, direction);
    this.compareContent(was, is, direction, 'response');
  }

  private compareHeaders(before: Located, after: Located, direction: Direction): void {
    const [was, is] = [headersOf(this.earlier, before), headersOf(this.later, after)];
    for (const [name, header] of was) {
      const now = is.get(name);
      if (now === undefined) {
        this.report.add('response-header-removed', header.at, after.at, name);
        continue;
      }
      const [needed, needs] = [isTrue(header.node, 'required'), isTrue(now.node, 'required')];
      if (needed !== needs)
        this.report.add(
          needs ? 'response-header-became-required' : 'response-header-became-optional',
          header.at,
          now.at,
          name,
        );
      this.schemas.compare(direction, schemaOf(header), schemaOf(now));
    }
    for (const [name, header] of is)
      if (!was.has(name)) this.report.add('response-header-added', before.at, header.at, name);
  }

  private compareContent(before: Located, after: Located, direction: Direction, part: 'request' | 'response'): void {
    const [was, is] = [mapAt(before.node, 'content'), mapAt(after.node, 'content')];
    const place = (owner: Located, table: JsonMap, type: string): string =>
      Object.hasOwn(table, type) ? `${owner.at}/content${pointerStep(type)}` : contentAt(owner);
    for (const type of new Set([...Object.keys(was), ...Object.keys(is)])) {
      const [from, to] = [place(before, was, type), place(after, is, type)];
      if (!Object.hasOwn(is, type)) this.report.add(`${part}-media-type-removed`, from, to, type);
      else if (!Object.hasOwn(was, type)) this.report.add(`${part}-media-type-added`, from, to, type);
      else {
        const [media, now] = [this.earlier.resolve(was[type], from), this.later.resolve(is[type], to)];
        for (const key of ['schema', 'itemSchema'])
          if (memberOf(media.value, key) !== undefined || memberOf(now.value, key) !== undefined)
            this.schemas.compare(
              direction,
              { schema: memberOf(media.value, key) ?? true, at: `${media.at}/${key}` },
              { schema: memberOf(now.value, key) ?? true, at: `${now.at}/${key}` },
            );
      }
    }
  }
}

const contentAt = ({ node, at }: Located): string => (isMap(node['content']) ? `${at}/content` : at);

const statusesOf = (responses: JsonMap): string[] =>
  Object.keys(responses).filter((status) => !status.startsWith('x-'));

const headersOf = (document: OpenApiDocument, { node, at }: Located): Map<string, Located> =>
  new Map(
    Object.entries(mapAt(node, 'headers')).flatMap(([name, value]) => {
      const found = document.resolveMap(value, `${at}/headers${pointerStep(name)}`);
      return found === undefined ? [] : [[name.toLowerCase(), found]];
    }),
  );

// OpenAPI leaves these headers to other parts of the description.
const ignoredHeaders = new Set(['accept', 'content-type', 'authorization']);

/** By place and name; those of the path by their order in it, for their names are no part of a request. */
const parametersOf = ({ parameters, path }: ApiOperation): Map<string, ApiParameter> => {
  const inPath = [...path.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name);
  const keyed = parameters.map((one): [string, ApiParameter] => {
    if (one.in === 'path') return [`path ${inPath.indexOf(one.name)}`, one];
    return [`${one.in} ${one.in === 'header' ? one.name.toLowerCase() : one.name}`, one];
  });
  return new Map(keyed.filter(([, one]) => one.in !== 'header' || !ignoredHeaders.has(one.name.toLowerCase())));
};

const contentOf = (node: JsonMap): readonly [string, unknown] | undefined => Object.entries(mapAt(node, 'content'))[0];

const schemaOf = ({ node, at }: Located): { schema: unknown; at: string } => {
  const content = contentOf(node);
  if (content === undefined) return { schema: memberOf(node, 'schema') ?? true, at: `${at}/schema` };
  return { schema: memberOf(content[1], 'schema') ?? true, at: `${at}/content${pointerStep(content[0])}/schema` };
};

/** How a value of a parameter is written, with the defaults of OpenAPI. */
const writingOf = ({ node, in: place }: ApiParameter): string => {
  const content = contentOf(node);
  if (content !== undefined) return content[0];
  const style = textAt(node, 'style') ?? (place === 'query' || place === 'cookie' ? 'form' : 'simple');
  const explode = memberOf(node, 'explode') ?? style === 'form';
  return `${style}, ${explode === true ? 'exploded' : 'joined'}`;
};

/** @throws TaskError `document_too_large` when there are too many pairs of schemas to compare */
export const compareDescriptions = (earlier: OpenApiDocument, later: OpenApiDocument): ChangeReport =>
  new OperationChanges(earlier, later).compare();
