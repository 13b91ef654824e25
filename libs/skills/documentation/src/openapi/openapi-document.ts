// A description of an API in OpenAPI 3.0, 3.1 or 3.2: its parts, with references within the document followed.
import { documentationErrors } from '../documents/documentation-errors.js';
import { isMap, type JsonMap, listAt, mapAt, memberOf, pointerStep, textAt } from './json-node.js';
import { References } from './references.js';

/** A method of a path, or of a webhook. */
export interface ApiOperation {
  /** In capitals. */
  readonly method: string;
  /** As written; of a webhook its name. */
  readonly path: string;
  readonly webhook: boolean;
  readonly node: JsonMap;
  /** JSON Pointer of `node`, or of the place that refers to the path item which holds it. */
  readonly at: string;
  /** Parameters of the path and of the operation, references followed, one for each place and name. */
  readonly parameters: readonly ApiParameter[];
  /** URLs of servers of its own, or of its path; none: those of the document. */
  readonly servers: readonly string[];
}

export interface ApiParameter {
  readonly name: string;
  /** path, query, querystring, header or cookie */
  readonly in: string;
  readonly node: JsonMap;
  readonly at: string;
}

/** The end of a chain of references. */
export interface Resolved {
  readonly value: unknown;
  /** The last reference on the way to it; undefined when there was none. */
  readonly reference?: string;
  /** JSON Pointer of the value: where it stands, or where a reference leads. */
  readonly at: string;
}

export const fixedMethods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'] as const;

const supported = /^3\.[012](?:\.\d{1,4})?(?:-[\w.]{1,40})?$/;

/** References in a row, such as a parameter that refers to one that refers to another one. */
const maxChain = 32;

export class OpenApiDocument {
  readonly references: References;
  /** Such as `3.1.0`. */
  readonly version: string;

  /** @throws TaskError `document_not_supported` when it is no description in OpenAPI 3.0 to 3.2 */
  constructor(
    readonly name: string,
    value: unknown,
  ) {
    this.version = versionOf(name, value);
    this.root = value as JsonMap;
    this.references = new References(this.root);
  }

  readonly root: JsonMap;

  get title(): string {
    return textAt(mapAt(this.root, 'info'), 'title') ?? this.name;
  }

  /** Follows references within the document; those that lead out or nowhere give undefined as the value. */
  resolve(value: unknown, at: string): Resolved {
    let current: Resolved = { value, at };
    for (let steps = 0; steps < maxChain; steps += 1) {
      const reference = memberOf(current.value, '$ref');
      if (typeof reference !== 'string') return current;
      const fragment = this.references.fragment(reference);
      current = { value: this.references.target(reference), reference, at: fragment?.startsWith('/') ? fragment : at };
    }
    return { ...current, value: undefined };
  }

  resolveMap(value: unknown, at: string): { readonly node: JsonMap; readonly at: string } | undefined {
    const resolved = this.resolve(value, at);
    return isMap(resolved.value) ? { node: resolved.value, at: resolved.at } : undefined;
  }

  /** In the order of the document, webhooks last. */
  operations(): ApiOperation[] {
    return [...this.operationsOf('paths', false), ...this.operationsOf('webhooks', true)];
  }

  /** Named schemas, in the order of the document. */
  schemas(): [name: string, schema: unknown][] {
    return Object.entries(mapAt(mapAt(this.root, 'components'), 'schemas'));
  }

  private operationsOf(table: 'paths' | 'webhooks', webhook: boolean): ApiOperation[] {
    return Object.entries(mapAt(this.root, table))
      .filter(([path]) => !path.startsWith('x-'))
      .flatMap(([path, value]) => {
        const at = pointerStep(table) + pointerStep(path);
        const item = this.resolveMap(value, at);
        if (item === undefined) return [];
        return methodsOf(item.node).map(([method, keys, node]) => {
          const place = item.at + keys.map(pointerStep).join('');
          const parameters = this.parametersOf(item, { node, at: place });
          return { method, path, webhook, node, at: place, parameters, servers: serversOf(node, item.node) };
        });
      });
  }

  private parametersOf(...owners: readonly { readonly node: JsonMap; readonly at: string }[]): ApiParameter[] {
    const parameters = new Map<string, ApiParameter>();
    for (const { node, at } of owners)
      listAt(node, 'parameters').forEach((value, index) => {
        const found = this.resolveMap(value, `${at}/parameters/${index}`);
        const name = textAt(found?.node, 'name');
        const place = textAt(found?.node, 'in');
        if (found && name !== undefined && place !== undefined)
          parameters.set(`${place} ${name}`, { name, in: place, node: found.node, at: found.at });
      });
    return [...parameters.values()];
  }
}

const serversOf = (...owners: readonly JsonMap[]): string[] => {
  const own = owners.find((owner) => Array.isArray(memberOf(owner, 'servers')));
  return listAt(own, 'servers').flatMap((server) => textAt(server, 'url') ?? []);
};

type Method = [method: string, keys: readonly string[], node: JsonMap];

const methodsOf = (item: JsonMap): Method[] => {
  const fixed = Object.keys(item)
    .filter((key) => (fixedMethods as readonly string[]).includes(key))
    .map((key) => ({ method: key.toUpperCase(), keys: [key], node: item[key] }));
  const additional = Object.entries(mapAt(item, 'additionalOperations')).map(([key, node]) => ({
    method: key,
    keys: ['additionalOperations', key],
    node,
  }));
  return [...fixed, ...additional].flatMap(({ method, keys, node }): Method[] =>
    isMap(node) ? [[method, keys, node]] : [],
  );
};

const versionOf = (name: string, value: unknown): string => {
  const version = memberOf(value, 'openapi');
  if (typeof version === 'string' && supported.test(version)) return version;
  const found = textAt(value, 'swagger');
  if (found !== undefined)
    throw documentationErrors.error(
      'document_not_supported',
      `${name} is Swagger ${found.slice(0, 20)}; convert it to OpenAPI 3.0 or later first`,
    );
  throw documentationErrors.error(
    'document_not_supported',
    `${name} is no OpenAPI document of version 3.0, 3.1 or 3.2: its member "openapi" ${version === undefined ? 'is missing' : 'names another version'}`,
  );
};
