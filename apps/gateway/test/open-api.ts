// The OpenAPI document as a list of routes, and every place in a request of theirs where a client can put a text.
import type { Client } from './client.js';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly example?: object;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly maximum?: number;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema?: Schema;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** A place in a body: where it is, and the body with a value there. */
export interface Place {
  readonly pointer: string;
  readonly put: (value: unknown) => unknown;
}

const texts = ['analytics', '0123456789abcdef', 'some text'];

/** A document's schemas as bodies. */
class Bodies {
  constructor(private readonly schemas: OpenApi['components']['schemas']) {}

  resolved(schema: Schema): Schema {
    if (schema.$ref !== undefined) return this.resolved(this.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
    const union = schema.anyOf ?? schema.oneOf;
    const branch = union?.find(({ type }) => type !== 'null');
    return branch === undefined ? schema : this.resolved(branch);
  }

  /** A value that fits. */
  sample(given: Schema): unknown {
    const schema = this.resolved(given);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return schema.enum[0];
    if (schema.type === 'string') return this.sampleText(schema);
    if (schema.type === 'boolean') return true;
    if (schema.type === 'integer' || schema.type === 'number') return Math.min(60, schema.maximum ?? 60);
    if (schema.type === 'array') return [this.sample(schema.items ?? {})];
    if (schema.example !== undefined) return schema.example;
    const members = Object.entries(schema.properties ?? {});
    return Object.fromEntries(members.map(([name, member]) => [name, this.sample(member)]));
  }

  *places(given: Schema, pointer = ''): Generator<Place> {
    const schema = this.resolved(given);
    yield { pointer, put: (value) => value };
    if (schema.type === 'array') {
      for (const item of this.places(schema.items ?? {}, `${pointer}/0`))
        yield { pointer: item.pointer, put: (value) => [item.put(value)] };
    }
    if (schema.type === 'object') yield* this.members(schema, pointer);
  }

  private *members(schema: Schema, pointer: string): Generator<Place> {
    const whole = this.sample(schema) as object;
    yield { pointer: `${pointer}/*`, put: (name) => ({ ...whole, [String(name)]: 1 }) };
    // An open object: a payload, metadata.
    const members = schema.properties ?? {
      any: { type: 'array', items: { type: 'object', properties: { deep: {} } } },
    };
    for (const [name, member] of Object.entries(members)) {
      for (const place of this.places(member, `${pointer}/${name}`))
        yield { pointer: place.pointer, put: (value) => ({ ...whole, [name]: place.put(value) }) };
    }
  }

  private sampleText({ format, pattern = '' }: Schema): string {
    if (format === 'uuid') return '019a0000-0000-7000-8000-000000000000';
    if (format === 'date-time') return '2030-01-01T00:00:00Z';
    return texts.find((text) => new RegExp(pattern).test(text)) ?? '';
  }
}

export interface Route {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** It takes the bytes of a file. */
  readonly isStream?: boolean;
  /** Undefined: it takes none. */
  readonly body?: {
    readonly isRequired: boolean;
    readonly hasRequired: boolean;
    /** One that is accepted. */
    readonly sample: unknown;
    readonly places: readonly Place[];
  };
}

// The items of a batch are checked one by one, so that the document says nothing of them.
const undocumented: Readonly<Record<string, Schema>> = {
  '/api/v1/tasks/batch': {
    type: 'object',
    properties: { tasks: { type: 'array', items: { $ref: '#/components/schemas/SubmitTask' } } },
    required: ['tasks'],
  },
};

/** Every route of the API. */
export const routesOf = async (client: Client): Promise<Route[]> => {
  const { paths, components } = (await client.get<OpenApi>('/docs-json')).body;
  const bodies = new Bodies(components.schemas);
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [], requestBody }]) => {
      const route = { method: method.toUpperCase(), path, parameters };
      // Bytes of a file are no text that could be hostile to the API.
      if (requestBody !== undefined && requestBody.content['application/json'] === undefined)
        return { ...route, isStream: true };
      if (requestBody === undefined) return route;
      const schema = undocumented[path] ?? requestBody.content['application/json']?.schema ?? {};
      const { required = [], properties } = bodies.resolved(schema);
      // An object whose members are not declared is one all the same.
      const hasRequired = required.length > 0 || properties === undefined;
      const isRequired = requestBody.required ?? false;
      const body = { isRequired, hasRequired, sample: bodies.sample(schema), places: [...bodies.places(schema)] };
      return { ...route, body };
    }),
  );
};
