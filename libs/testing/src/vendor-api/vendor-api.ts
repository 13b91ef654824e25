// A vendor's API as its published OpenAPI document says it: an extract made by deploy/local/vendor-api.mjs.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { sampleOf, type Json, type Schema } from './sample.js';

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly body?: Schema;
  /** By status; null where the answer has no JSON. */
  readonly answers: Readonly<Record<string, Schema | null>>;
}

export interface ApiExtract {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly $defs: Readonly<Record<string, Schema>>;
}

export interface MatchedOperation {
  readonly id: string;
  readonly params: Readonly<Record<string, string>>;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const pattern = (path: string): RegExp =>
  new RegExp(
    `^${path
      .split(/(\{\w+\})/)
      .map((part) => (/^\{\w+\}$/.test(part) ? `(?<${part.slice(1, -1)}>[^/]+)` : escaped(part)))
      .join('')}$`,
  );

const parameters = (path: string): number => path.split('{').length;

const said = (errors: readonly ErrorObject[] | null | undefined): string =>
  (errors ?? [])
    .map(({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`)
    .join('; ');

export class VendorApi {
  private readonly ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  private readonly asTexts = new Ajv({ strict: false, validateFormats: false, coerceTypes: 'array' });
  private readonly compiled = new Map<Schema, ValidateFunction>();
  private readonly routes: readonly { readonly id: string; readonly method: string; readonly path: RegExp }[];

  constructor(private readonly extract: ApiExtract) {
    // A path with fewer parameters wins: /apps/propose before /apps/{id}.
    this.routes = Object.entries(extract.operations)
      .toSorted(([, left], [, right]) => parameters(left.path) - parameters(right.path))
      .map(([id, { method, path }]) => ({ id, method, path: pattern(path) }));
  }

  match(method: string, path: string): MatchedOperation | undefined {
    for (const route of this.routes) {
      const found = route.method === method ? route.path.exec(path) : null;
      if (found === null) continue;
      const params = Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
      return { id: route.id, params: Object.fromEntries(params) as Record<string, string> };
    }
    return undefined;
  }

  /** What a request has that the document does not allow; the body undefined when none came. */
  requestProblems(id: string, query: URLSearchParams, body: unknown): readonly string[] {
    const operation = this.operation(id);
    const unknown = [...query.keys()].filter((name) => operation.query[name] === undefined);
    const missing = (operation.required ?? []).filter((name) => !query.has(name));
    return [
      ...unknown.map((name) => `${id} has no parameter ${name}`),
      ...missing.map((name) => `${id} needs the parameter ${name}`),
      ...[...query].flatMap(([name, value]) => this.parameterProblems(id, name, value)),
      ...(operation.body === undefined
        ? this.noBody(id, body)
        : this.problems(`body of ${id}`, operation.body, body ?? null)),
    ];
  }

  /** What an answer has that the document does not allow. Statuses of errors need not be in it: vendors list few of them. */
  answerProblems(id: string, status: number, body: unknown): readonly string[] {
    const schema = this.operation(id).answers[String(status)];
    if (schema === undefined) return status < 400 ? [`${id} answers no ${status}`] : [];
    return schema === null ? [] : this.problems(`answer ${status} of ${id}`, schema, body);
  }

  /** A whole answer as the document has it, with the least in each field, then with what is given. */
  answer(id: string, status: number, given: Json): Json {
    const schema = this.operation(id).answers[String(status)];
    if (schema === undefined || schema === null) throw new Error(`${id} has no JSON for ${status}.`);
    return sampleOf(schema, this.extract.$defs, given);
  }

  private operation(id: string): Operation {
    const operation = this.extract.operations[id];
    if (operation === undefined) throw new Error(`The extract has no operation ${id}.`);
    return operation;
  }

  private noBody(id: string, body: unknown): readonly string[] {
    return body === undefined ? [] : [`${id} takes no body`];
  }

  private parameterProblems(id: string, name: string, value: string): readonly string[] {
    const schema = this.operation(id).query[name];
    if (schema === undefined) return [];
    const validate = this.validator(schema, () =>
      this.asTexts.compile({ properties: { value: schema }, ...this.definitions }),
    );
    return validate({ value }) ? [] : [`parameter ${name} of ${id}: ${said(validate.errors)}`];
  }

  private problems(what: string, schema: Schema, value: unknown): readonly string[] {
    const validate = this.validator(schema, () => this.ajv.compile({ ...schema, ...this.definitions }));
    return validate(value) ? [] : [`${what}: ${said(validate.errors)}`];
  }

  private get definitions(): Pick<ApiExtract, '$defs'> {
    return { $defs: this.extract.$defs };
  }

  private validator(schema: Schema, compile: () => ValidateFunction): ValidateFunction {
    const known = this.compiled.get(schema) ?? compile();
    this.compiled.set(schema, known);
    return known;
  }
}
