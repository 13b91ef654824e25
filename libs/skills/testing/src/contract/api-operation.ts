// The operations of a document: what a request of each may hold, and what may answer it.
import { pointerOf } from '../schemas/schema-checks.js';
import { type ApiDocument, isNode, type Node, type Part } from './api-document.js';

export const testedMethods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type TestedMethod = (typeof testedMethods)[number];

export interface ApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required: boolean;
  /** Of its schema. */
  readonly pointer: string;
  /** Whether each item of a list is a parameter of its own. */
  readonly explode: boolean;
  /** Values that the document shows. */
  readonly examples: readonly unknown[];
}

export interface ApiBody {
  readonly required: boolean;
  readonly mediaType: string;
  readonly pointer: string;
  readonly examples: readonly unknown[];
}

export interface ApiOperation {
  /** The operationId, or method and path. */
  readonly id: string;
  readonly method: TestedMethod;
  /** With parameters in braces. */
  readonly path: string;
  readonly parameters: readonly ApiParameter[];
  /** Undefined: none, or none that is JSON. */
  readonly body: ApiBody | undefined;
  /** By status, range (`4XX`) or `default`. */
  readonly responses: ReadonlyMap<string, Part>;
  /** What of it is not tested, and why. */
  readonly leftOut: readonly string[];
}

export const isJsonType = (mediaType: string): boolean =>
  /^[\w.+-]+\/(?:[\w.+-]+\+)?json$/i.test(mediaType.split(';', 1)[0]?.trim() ?? '');

// Ignored by OpenAPI itself, or the client's own.
const notParameters = new Set(['accept', 'content-type', 'authorization', 'host', 'content-length', 'connection']);

const places = new Set<unknown>(['path', 'query', 'header', 'cookie']);

const examplesIn = (node: Node): unknown[] => {
  const named = isNode(node['examples']) ? Object.values(node['examples']) : [];
  const values = named.flatMap((one) => (isNode(one) && 'value' in one ? [one['value']] : []));
  return [...('example' in node ? [node['example']] : []), ...values].slice(0, 5);
};

const parameterOf = ({ node, pointer }: Part): ApiParameter | string | undefined => {
  const { name, in: place } = node;
  if (typeof name !== 'string' || name === '' || !places.has(place)) return undefined;
  if (place === 'header' && notParameters.has(name.toLowerCase())) return undefined;
  if (!isNode(node['schema'])) return `parameter ${name}: it has no schema`;
  const style = node['style'];
  if (style !== undefined && style !== 'form' && style !== 'simple')
    return `parameter ${name}: style ${JSON.stringify(style)}`;
  return {
    name,
    in: place as ApiParameter['in'],
    required: node['required'] === true || place === 'path',
    pointer: pointer + pointerOf('schema'),
    explode: node['explode'] === undefined ? place === 'query' || place === 'cookie' : node['explode'] === true,
    examples: examplesIn(node),
  };
};

const bodyOf = (document: ApiDocument, operation: Part): ApiBody | string | undefined => {
  if (operation.node['requestBody'] === undefined) return undefined;
  const body = document.resolved(operation.pointer + pointerOf('requestBody'));
  if (body === undefined) return 'the body: its reference leads nowhere in the document';
  const [mediaType, media] = document.children(body, 'content').find(([type]) => isJsonType(type)) ?? [];
  if (mediaType === undefined || media === undefined) return 'the body: it is not JSON';
  if (!isNode(media.node['schema'])) return 'the body: it has no schema';
  return {
    required: body.node['required'] === true,
    mediaType,
    pointer: media.pointer + pointerOf('schema'),
    examples: examplesIn(media.node),
  };
};

const partsOfList = (document: ApiDocument, { node, pointer }: Part): Part[] => {
  const list = node['parameters'];
  if (!Array.isArray(list)) return [];
  return list.flatMap((_, index) => document.resolved(pointer + pointerOf('parameters', String(index))) ?? []);
};

const keyOf = ({ node }: Part): string => `${String(node['in'])} ${String(node['name'])}`;

/** Those of the path, unless the operation has its own of the same name. */
const parametersOf = (document: ApiDocument, path: Part, operation: Part): (ApiParameter | string)[] => {
  const all = new Map(
    [...partsOfList(document, path), ...partsOfList(document, operation)].map((part) => [keyOf(part), part]),
  );
  return [...all.values()].flatMap((part) => parameterOf(part) ?? []);
};

const isText = (value: unknown): value is string => typeof value === 'string';

const operationAt = (
  document: ApiDocument,
  path: readonly [string, Part],
  method: TestedMethod,
): ApiOperation | undefined => {
  const [template, item] = path;
  const operation = document.resolved(item.pointer + pointerOf(method.toLowerCase()));
  if (operation === undefined) return undefined;
  const { operationId } = operation.node;
  const parameters = parametersOf(document, item, operation);
  const body = bodyOf(document, operation);
  return {
    id: isText(operationId) && operationId !== '' ? operationId.slice(0, 200) : `${method} ${template}`,
    method,
    path: template,
    parameters: parameters.filter((one): one is ApiParameter => !isText(one)),
    body: isText(body) ? undefined : body,
    responses: new Map(document.children(operation, 'responses')),
    leftOut: [...parameters, body, streamOf(document, operation)].filter(isText),
  };
};

/** Why an operation is not asked at all. */
export const endless = 'its answer is a stream of events, which has no end';

const streamOf = (document: ApiDocument, operation: Part): string | undefined =>
  document
    .children(operation, 'responses')
    .flatMap(([, response]) => document.children(response, 'content'))
    .some(([type]) => type.toLowerCase().startsWith('text/event-stream'))
    ? endless
    : undefined;

const pathParameters = (template: string): number => template.split('{').length - 1;

const order: readonly TestedMethod[] = ['OPTIONS', 'HEAD', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * All operations, in an order in which answers give values to those that follow: lists and what makes things, what reads
 * and changes one of them, and last what deletes.
 */
export const operationsOf = (document: ApiDocument): ApiOperation[] => {
  const paths = document
    .children({ node: document.root, pointer: '' }, 'paths')
    .filter(([template]) => template.startsWith('/'));
  const all = paths.flatMap((path) => testedMethods.flatMap((method) => operationAt(document, path, method) ?? []));
  const rank = ({ method, path }: ApiOperation): number => {
    if (method === 'DELETE') return 3;
    return pathParameters(path) === 0 ? 0 : 1;
  };
  return all.sort(
    (a, b) =>
      rank(a) - rank(b) ||
      pathParameters(a.path) - pathParameters(b.path) ||
      order.indexOf(a.method) - order.indexOf(b.method) ||
      a.path.localeCompare(b.path),
  );
};
