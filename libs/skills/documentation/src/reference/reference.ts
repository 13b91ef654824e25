// The whole of a reference: groups of operations and named schemas, each with the place it is linked by.
import { isMap, listAt, mapAt, textAt } from '../openapi/json-node.js';
import type { ApiOperation, OpenApiDocument } from '../openapi/openapi-document.js';
import { type Detail, groupsOf, type OperationEntry, ReferenceModel, type SchemaEntry } from './reference-model.js';

export interface Group {
  readonly anchor: string;
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly operations: readonly { readonly anchor: string; readonly operation: ApiOperation }[];
}

export interface Server {
  readonly url: string;
  readonly description?: string;
}

export interface SecurityScheme {
  readonly name: string;
  readonly kind: string;
  readonly description?: string;
}

/** Names for links: unique in the page, of letters, digits and hyphens. */
class Anchors {
  private readonly used = new Map<string, number>();

  of(kind: string, name: string): string {
    const plain = name
      .replaceAll(/[^A-Za-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 80)
      .toLowerCase();
    const anchor = `${kind}-${plain}`;
    const count = (this.used.get(anchor) ?? 0) + 1;
    this.used.set(anchor, count);
    return count === 1 ? anchor : `${anchor}-${count}`;
  }
}

export class Reference {
  readonly groups: readonly Group[];
  readonly operationCount: number;
  private readonly schemaAnchors: ReadonlyMap<string, { readonly anchor: string; readonly schema: unknown }>;

  constructor(readonly document: OpenApiDocument) {
    const anchors = new Anchors();
    const operations = document.operations();
    this.operationCount = operations.length;
    this.groups = groupsOf(document, operations).map(({ name, operations: list, ...group }) => ({
      ...group,
      name,
      anchor: anchors.of('tag', name),
      operations: list.map((operation) => ({
        operation,
        anchor: anchors.of('op', textAt(operation.node, 'operationId') ?? `${operation.method} ${operation.path}`),
      })),
    }));
    this.schemaAnchors = new Map(
      document.schemas().map(([name, schema]) => [name, { anchor: anchors.of('schema', name), schema }]),
    );
  }

  get schemaNames(): readonly string[] {
    return [...this.schemaAnchors.keys()];
  }

  schemaAnchor(name: string): string | undefined {
    return this.schemaAnchors.get(name)?.anchor;
  }

  /** Operations of a group, made when asked for: a large document is never held twice. */
  *entries(group: Group, detail: Detail): Generator<OperationEntry> {
    const model = new ReferenceModel(this.document, detail);
    for (const { operation, anchor } of group.operations) yield model.operation(operation, anchor);
  }

  *schemas(detail: Detail): Generator<SchemaEntry> {
    const model = new ReferenceModel(this.document, detail);
    for (const [name, { anchor, schema }] of this.schemaAnchors) yield model.schema(name, schema, anchor);
  }

  get servers(): Server[] {
    return listAt(this.document.root, 'servers').flatMap((server) => {
      const url = textAt(server, 'url');
      const description = textAt(server, 'description');
      return url === undefined ? [] : [{ url, ...(description !== undefined && { description }) }];
    });
  }

  get securitySchemes(): SecurityScheme[] {
    const schemes = mapAt(mapAt(this.document.root, 'components'), 'securitySchemes');
    return Object.entries(schemes).flatMap(([name, value]) => {
      const scheme = this.document.resolve(value, '').value;
      if (!isMap(scheme)) return [];
      const description = textAt(scheme, 'description');
      return [{ name, kind: kindOf(scheme), ...(description !== undefined && { description }) }];
    });
  }
}

const kindOf = (scheme: unknown): string => {
  const type = textAt(scheme, 'type') ?? 'unknown';
  if (type === 'apiKey') return `API key in ${textAt(scheme, 'in') ?? '?'} "${textAt(scheme, 'name') ?? '?'}"`;
  if (type === 'http') return `HTTP ${textAt(scheme, 'scheme') ?? '?'}`;
  if (type === 'oauth2') return `OAuth 2.0: ${Object.keys(mapAt(scheme, 'flows')).join(', ')}`;
  if (type === 'openIdConnect') return `OpenID Connect: ${textAt(scheme, 'openIdConnectUrl') ?? '?'}`;
  return type === 'mutualTLS' ? 'Mutual TLS' : type;
};
