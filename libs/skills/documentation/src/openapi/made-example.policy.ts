// A value that fits a schema, made of what the schema says. It is not from the API, and is shown as made.
import { isMap, isTrue, listAt, mapAt, memberOf, textAt } from './json-node.js';
import type { OpenApiDocument } from './openapi-document.js';
import { typeNames } from './schema-words.js';

const maxDepth = 6;
const maxValues = 200;

const byFormat: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  time: '12:00:00Z',
  email: 'name@example.com',
  uri: 'https://example.com',
  url: 'https://example.com',
  uuid: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  hostname: 'example.com',
  byte: 'AA==',
  binary: '<binary>',
};

/** Which way a value goes: what is read only is not sent, what is write only does not come back. */
export type Direction = 'request' | 'response';

class Maker {
  private values = 0;

  constructor(
    private readonly document: OpenApiDocument,
    private readonly hidden: 'readOnly' | 'writeOnly',
  ) {}

  make(schema: unknown, depth: number, trail: ReadonlySet<unknown>): unknown {
    this.values += 1;
    const resolved = this.document.resolve(schema, '').value;
    if (!isMap(resolved) || depth > maxDepth || trail.has(resolved) || this.values > maxValues) return null;
    const given = givenValue(resolved);
    if (given !== undefined) return given;
    const below = new Set([...trail, resolved]);
    const alternative = [...listAt(resolved, 'oneOf'), ...listAt(resolved, 'anyOf')][0];
    if (alternative !== undefined && !isMap(memberOf(resolved, 'properties')))
      return this.make(alternative, depth, below);
    return this.byType(resolved, depth, below);
  }

  private byType(schema: Readonly<Record<string, unknown>>, depth: number, trail: ReadonlySet<unknown>): unknown {
    const parts = listAt(schema, 'allOf');
    const type = typeNames(schema)[0];
    if (type === 'object' || parts.length > 0 || isMap(memberOf(schema, 'properties')))
      return this.object(schema, depth, trail);
    if (type === 'array' || Object.hasOwn(schema, 'items'))
      return [this.make(memberOf(schema, 'items'), depth + 1, trail)];
    if (type === 'string') return byFormat[textAt(schema, 'format') ?? ''] ?? 'string';
    if (type === 'integer' || type === 'number') return memberOf(schema, 'minimum') ?? 0;
    if (type === 'boolean') return true;
    return null;
  }

  private object(schema: unknown, depth: number, trail: ReadonlySet<unknown>): unknown {
    const made: Record<string, unknown> = {};
    for (const part of listAt(schema, 'allOf')) {
      const value = this.make(part, depth, trail);
      if (isMap(value)) for (const key of Object.keys(value)) set(made, key, value[key]);
      else if (value !== null && !isMap(memberOf(schema, 'properties'))) return value;
    }
    for (const [name, value] of Object.entries(mapAt(schema, 'properties'))) {
      if (isTrue(this.document.resolve(value, '').value, this.hidden) || this.values > maxValues) continue;
      set(made, name, this.make(value, depth + 1, trail));
    }
    const additional = memberOf(schema, 'additionalProperties');
    if (isMap(additional) && Object.keys(made).length === 0) set(made, 'name', this.make(additional, depth + 1, trail));
    return made;
  }
}

// A key such as `__proto__` must become a member.
const set = (target: Record<string, unknown>, key: string, value: unknown): void => {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
};

const givenValue = (schema: Readonly<Record<string, unknown>>): unknown => {
  for (const key of ['example', 'default', 'const']) if (Object.hasOwn(schema, key)) return schema[key];
  const { examples } = schema;
  if (Array.isArray(examples) && examples.length > 0) return examples[0] as unknown;
  return listAt(schema, 'enum')[0];
};

/** An example of a schema, at most 200 values and six levels; undefined when the schema says too little for one. */
export const madeExample = (document: OpenApiDocument, schema: unknown, direction: Direction): unknown => {
  const made = new Maker(document, direction === 'request' ? 'readOnly' : 'writeOnly').make(schema, 0, new Set());
  return made === null || (isMap(made) && Object.keys(made).length === 0) ? undefined : made;
};
