// What a reference shows of a description, before it is written as HTML or Markdown.
import { isMap, isTrue, type JsonMap, listAt, mapAt, memberOf, textAt } from '../openapi/json-node.js';
import { type Direction, madeExample } from '../openapi/made-example.policy.js';
import type { ApiOperation, OpenApiDocument } from '../openapi/openapi-document.js';
import { type Fields, fieldsOf } from '../openapi/schema-fields.js';
import { factsOf, typeWords, valueText, type Word } from '../openapi/schema-words.js';

/** How much is written out. */
export interface Detail {
  /** Characters of one example. */
  readonly example: number;
  /** Examples of one content. */
  readonly examples: number;
  /** Rows of one table of members. */
  readonly rows: number;
}

export interface Example {
  readonly name: string;
  readonly text: string;
  /** Characters beyond the bound. */
  readonly leftOut: number;
  /** Made of the schema: the description gives none. */
  readonly made: boolean;
}

export interface Content {
  readonly mediaType: string;
  readonly type: readonly Word[];
  readonly facts: readonly string[];
  readonly fields: Fields;
  readonly examples: readonly Example[];
}

export interface ParameterRow {
  readonly name: string;
  readonly in: string;
  readonly type: readonly Word[];
  readonly required: boolean;
  readonly deprecated: boolean;
  readonly facts: readonly string[];
  readonly description?: string;
}

export interface ResponseRow {
  readonly status: string;
  readonly description?: string;
  readonly headers: readonly ParameterRow[];
  readonly contents: readonly Content[];
}

export interface OperationEntry {
  readonly anchor: string;
  readonly method: string;
  readonly path: string;
  readonly webhook: boolean;
  readonly id?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly deprecated: boolean;
  readonly security: readonly string[] | undefined;
  readonly parameters: readonly ParameterRow[];
  readonly body?: { readonly required: boolean; readonly description?: string; readonly contents: readonly Content[] };
  readonly responses: readonly ResponseRow[];
  readonly callbacks: readonly string[];
  /** Only those of its own. */
  readonly servers: readonly string[];
}

export interface SchemaEntry {
  readonly anchor: string;
  readonly name: string;
  readonly description?: string;
  readonly type: readonly Word[];
  readonly facts: readonly string[];
  readonly deprecated: boolean;
  readonly fields: Fields;
}

const descriptionOf = (node: unknown): { description?: string } => {
  const description = textAt(node, 'description');
  return description === undefined ? {} : { description };
};

/** Makes the parts of a reference; what the document does not have is left out. */
export class ReferenceModel {
  constructor(
    private readonly document: OpenApiDocument,
    private readonly detail: Detail,
  ) {}

  operation(operation: ApiOperation, anchor: string): OperationEntry {
    const { node, method, path, webhook } = operation;
    const [id, summary] = [textAt(node, 'operationId'), textAt(node, 'summary')];
    const body = this.document.resolveMap(memberOf(node, 'requestBody'), `${operation.at}/requestBody`);
    return {
      anchor,
      method,
      path,
      webhook,
      ...(id !== undefined && { id }),
      ...(summary !== undefined && { summary }),
      ...descriptionOf(node),
      deprecated: isTrue(node, 'deprecated'),
      security: this.securityOf(node),
      parameters: operation.parameters.map((one) => this.parameter(one.name, one.in, one.node)),
      ...(body && {
        body: {
          required: isTrue(body.node, 'required'),
          ...descriptionOf(body.node),
          contents: this.contents(body.node, 'request'),
        },
      }),
      responses: Object.entries(mapAt(node, 'responses'))
        .filter(([status]) => !status.startsWith('x-'))
        .map(([status, value]) => this.response(status, value)),
      callbacks: this.callbacks(node),
      servers: operation.servers,
    };
  }

  schema(name: string, schema: unknown, anchor: string): SchemaEntry {
    const resolved =
      isMap(schema) && typeof schema['$ref'] === 'string' ? schema : this.document.resolve(schema, '').value;
    return {
      anchor,
      name,
      ...descriptionOf(resolved),
      type: typeWords(this.document, resolved),
      facts: factsOf(resolved),
      deprecated: isTrue(resolved, 'deprecated'),
      fields: fieldsOf(this.document, resolved, this.detail.rows),
    };
  }

  private securityOf(node: JsonMap): string[] | undefined {
    const own = memberOf(node, 'security') ?? memberOf(this.document.root, 'security');
    if (!Array.isArray(own)) return undefined;
    return (own as unknown[]).filter(isMap).map((requirement) => {
      const schemes = Object.entries(requirement).map(([name, scopes]) =>
        Array.isArray(scopes) && scopes.length > 0 ? `${name} (${scopes.map(valueText).join(', ')})` : name,
      );
      return schemes.length === 0 ? 'nothing' : schemes.join(' and ');
    });
  }

  private callbacks(node: JsonMap): string[] {
    return Object.entries(mapAt(node, 'callbacks')).flatMap(([name, value]) => {
      const found = this.document.resolveMap(value, '');
      return Object.entries(found?.node ?? {}).flatMap(([expression, item]) =>
        Object.keys(isMap(item) ? item : {}).map((method) => `${name}: ${method.toUpperCase()} ${expression}`),
      );
    });
  }

  private parameter(name: string, place: string, node: JsonMap): ParameterRow {
    const content = Object.entries(mapAt(node, 'content'))[0];
    const schema = memberOf(node, 'schema') ?? memberOf(content?.[1], 'schema');
    const example = memberOf(node, 'example');
    // Of a named schema the facts are shown too: a parameter is one row.
    const facts = factsOf(this.document.resolve(schema, '').value);
    return {
      name,
      in: place,
      type: typeWords(this.document, schema),
      required: isTrue(node, 'required') || place === 'path',
      deprecated: isTrue(node, 'deprecated'),
      facts: [
        ...facts,
        ...(content ? [`as ${content[0]}`] : []),
        ...(example === undefined ? [] : [`example ${valueText(example)}`]),
      ],
      ...descriptionOf(node),
    };
  }

  private response(status: string, value: unknown): ResponseRow {
    const found = this.document.resolveMap(value, '');
    if (found === undefined) return { status, headers: [], contents: [] };
    const headers = Object.entries(mapAt(found.node, 'headers')).flatMap(([name, header]) => {
      const resolved = this.document.resolveMap(header, '');
      return resolved === undefined ? [] : [this.parameter(name, 'header', resolved.node)];
    });
    return { status, ...descriptionOf(found.node), headers, contents: this.contents(found.node, 'response') };
  }

  private contents(node: JsonMap, direction: Direction): Content[] {
    return Object.entries(mapAt(node, 'content')).map(([mediaType, value]) => {
      const media = this.document.resolve(value, '').value;
      // A stream (3.2) is described by its items.
      const schema = memberOf(media, 'schema') ?? memberOf(media, 'itemSchema');
      const isNamed = typeof memberOf(schema, '$ref') === 'string';
      return {
        mediaType,
        type: typeWords(this.document, schema),
        facts: isNamed ? [] : factsOf(schema),
        fields: isNamed ? { rows: [], leftOut: 0 } : fieldsOf(this.document, schema, this.detail.rows),
        examples: this.examples(media, schema, direction),
      };
    });
  }

  private examples(media: unknown, schema: unknown, direction: Direction): Example[] {
    const given = this.givenExamples(media);
    if (given.length > 0)
      return given.slice(0, this.detail.examples).map(([name, value]) => this.example(name, value, false));
    const made =
      schema === undefined || this.detail.examples === 0 ? undefined : madeExample(this.document, schema, direction);
    return made === undefined ? [] : [this.example('', made, true)];
  }

  private givenExamples(media: unknown): [string, unknown][] {
    const single = memberOf(media, 'example');
    const named = Object.entries(mapAt(media, 'examples')).flatMap(([name, value]): [string, unknown][] => {
      const example = this.document.resolve(value, '').value;
      const title = textAt(example, 'summary') ?? name;
      const found = ['dataValue', 'value', 'serializedValue'].find((key) => memberOf(example, key) !== undefined);
      return found === undefined ? [] : [[title, memberOf(example, found)]];
    });
    return single === undefined ? named : [['', single], ...named];
  }

  private example(name: string, value: unknown, made: boolean): Example {
    const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
    const shown = text.slice(0, this.detail.example);
    return { name, text: shown, leftOut: text.length - shown.length, made };
  }
}

/** Tags of the document in its order, each with its operations; an operation stands under its first tag. */
export const groupsOf = (
  document: OpenApiDocument,
  operations: readonly ApiOperation[],
): {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly operations: ApiOperation[];
}[] => {
  const described = new Map(
    listAt(document.root, 'tags').flatMap((tag) => {
      const name = textAt(tag, 'name');
      return name === undefined ? [] : [[name, tag] as const];
    }),
  );
  const byTag = new Map<string, ApiOperation[]>([...described.keys()].map((name) => [name, []]));
  for (const one of operations) {
    const first = listAt(one.node, 'tags').find((tag) => typeof tag === 'string');
    const name = typeof first === 'string' ? first : one.webhook ? 'Webhooks' : 'Operations';
    byTag.set(name, [...(byTag.get(name) ?? []), one]);
  }
  return [...byTag]
    .filter(([, list]) => list.length > 0)
    .map(([name, list]) => {
      const tag = described.get(name);
      return { name, title: textAt(tag, 'summary') ?? name, ...descriptionOf(tag), operations: list };
    });
};
