// Every `$ref` of a description: those within it are followed, all others are only listed. Nothing outside is ever read.
import { isMap, type JsonMap, memberOf, pointerKeys, pointerStep } from './json-node.js';

export interface FoundReference {
  readonly reference: string;
  /** JSON Pointer of the object with the `$ref`. */
  readonly at: string;
}

// Members whose value is data of the API and no part of the description.
const dataKeys = new Set(['example', 'default', 'const', 'enum', 'value', 'dataValue', 'mapping']);

// Members that are tables: their keys are names, so that `default` or `$ref` among them means nothing special.
const tables = new Set([
  ...['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'schemas', 'responses'],
  ...['parameters', 'examples', 'requestBodies', 'headers', 'securitySchemes', 'links', 'callbacks', 'pathItems'],
  ...['mediaTypes', 'paths', 'webhooks', 'content', 'encoding', 'variables'],
]);

type Visit = (node: JsonMap, at: string) => void;

const walk = (value: unknown, at: string, isTable: boolean, visit: Visit): void => {
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      walk(item, at + pointerStep(index), false, visit);
    });
    return;
  }
  if (!isMap(value)) return;
  if (!isTable) visit(value, at);
  for (const key of Object.keys(value)) {
    if (!isTable && (dataKeys.has(key) || key.startsWith('x-'))) continue;
    walk(value[key], at + pointerStep(key), !isTable && tables.has(key), visit);
  }
};

/** References and anchors of a description, found once. */
export class References {
  /** To other documents, by file, URL or relative path: not followed. */
  readonly outside: FoundReference[] = [];
  /** To places of this document that do not exist. */
  readonly missing: FoundReference[] = [];
  private readonly anchors = new Map<string, JsonMap>();
  private readonly self: string | undefined;

  constructor(private readonly root: JsonMap) {
    const self = memberOf(root, '$self');
    this.self = typeof self === 'string' ? self : undefined;
    const found: FoundReference[] = [];
    walk(root, '', false, (node, at) => {
      this.noteAnchors(node);
      for (const key of ['$ref', '$dynamicRef', 'externalValue', 'operationRef']) {
        const reference = memberOf(node, key);
        if (typeof reference === 'string') found.push({ reference, at });
      }
    });
    for (const one of found) this.classify(one);
  }

  /** What a reference of this document points at; undefined for all others. */
  target(reference: string): unknown {
    const fragment = this.fragment(reference);
    if (fragment === undefined) return undefined;
    if (fragment !== '' && !fragment.startsWith('/')) return this.anchors.get(fragment);
    return pointerKeys(fragment).reduce(memberOf, this.root);
  }

  /** The decoded fragment of a reference to this document. */
  fragment(reference: string): string | undefined {
    const own =
      this.self !== undefined && reference.startsWith(`${this.self}#`) ? reference.slice(this.self.length) : reference;
    if (!own.startsWith('#')) return undefined;
    try {
      return decodeURIComponent(own.slice(1));
    } catch {
      return own.slice(1);
    }
  }

  private noteAnchors(node: JsonMap): void {
    for (const key of ['$anchor', '$dynamicAnchor']) {
      const anchor = memberOf(node, key);
      if (typeof anchor === 'string' && !this.anchors.has(anchor)) this.anchors.set(anchor, node);
    }
  }

  private classify(one: FoundReference): void {
    if (this.fragment(one.reference) === undefined) this.outside.push(one);
    else if (this.target(one.reference) === undefined) this.missing.push(one);
  }
}
