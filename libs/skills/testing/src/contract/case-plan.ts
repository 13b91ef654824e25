// Which requests of an operation are tried: usual ones, each value at its bounds, each value wrong in one way.
import fc from 'fast-check';

import type { SchemaChecks } from '../schemas/schema-checks.js';
import type { ApiDocument, Node } from './api-document.js';
import { type ApiBody, type ApiOperation, type ApiParameter, endless } from './api-operation.js';
import { illegalBodies, illegalTexts } from './illegal-values.js';
import { inlinedSchema, NotMade } from './inlined-schema.js';
import type { KnownValues } from './known-values.js';
import { boundaryValues, type Candidate, leastValues, usualValues } from './legal-values.js';
import { seedFor, spread } from './seeds.policy.js';
import { fitsHeader, fitsPath, type SentBody, type TestCase } from './test-case.js';

/** Things that exist which one operation is asked for. */
const maxKnown = 5;

interface Planned {
  readonly usual: readonly TestCase[];
  readonly others: readonly TestCase[];
  /** Why nothing, or not everything, can be tried. */
  readonly leftOut: readonly string[];
}

interface Drawn {
  readonly parameter: ApiParameter;
  readonly schema: Node;
  /** The first is what other cases take. */
  readonly usual: readonly Candidate[];
}

const fits = ({ in: place }: ApiParameter, value: unknown): boolean => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return false;
  if (value === null || (Array.isArray(value) && value.length === 0)) return false;
  if (place === 'path') return fitsPath(value);
  return place === 'header' ? fitsHeader(value) : true;
};

const different = (candidates: readonly Candidate[]): Candidate[] => {
  const seen = new Map(candidates.toReversed().map((one) => [JSON.stringify(one.value), one]));
  return [...seen.values()].reverse();
};

/** Plans the cases of one operation after the other. */
export class CasePlan {
  constructor(
    private readonly document: ApiDocument,
    private readonly checks: SchemaChecks,
    private readonly known: KnownValues,
    private readonly seed: number,
  ) {}

  /** All cases of an operation, the most important first; the same for the same seed and the same answers before. */
  casesOf(operation: ApiOperation): { readonly cases: TestCase[]; readonly leftOut: readonly string[] } {
    const { usual, others, leftOut } = this.plan(operation);
    return { cases: [...usual, ...this.shuffled(others, operation)], leftOut };
  }

  /** One request as it should be, for operations whose answers others need. */
  firstOf(operation: ApiOperation): TestCase | undefined {
    return this.plan(operation).usual[0];
  }

  // Where not all can be sent, some of each kind are.
  private shuffled(cases: readonly TestCase[], { id }: ApiOperation): TestCase[] {
    const all = { minLength: cases.length, maxLength: cases.length };
    const order = fc.shuffledSubarray([...cases.keys()], all);
    const [places = []] = fc.sample(order, { seed: seedFor(this.seed, id, 'order'), numRuns: 1 });
    return places.flatMap((index) => cases[index] ?? []);
  }

  private plan(operation: ApiOperation): Planned {
    const leftOut: string[] = [...operation.leftOut];
    if (leftOut.includes(endless)) return { usual: [], others: [], leftOut };
    const drawn = operation.parameters.flatMap((parameter) => this.drawn(operation, parameter, leftOut) ?? []);
    const missing = operation.parameters.filter(
      (one) => one.required && !drawn.some(({ parameter }) => parameter === one),
    );
    const body = operation.body === undefined ? undefined : this.body(operation, operation.body, leftOut);
    const bodyMissing = operation.body?.required === true && body?.right === undefined;
    if (missing.length > 0 || bodyMissing || bodyUnknown(operation)) return { usual: [], others: [], leftOut };
    const frame = new Frame(operation, drawn, body?.right);
    return {
      usual: [...frame.usual(), ...(body?.usual ?? []).map((one) => frame.withBody(one, true))],
      others: [
        ...drawn.flatMap((one) =>
          this.boundaries(operation, one).map((value) => frame.with(one.parameter, value, true)),
        ),
        ...(body?.boundaries ?? []).map((one) => frame.withBody(one, true)),
        ...drawn.flatMap((one) => this.wrong(one).map((value) => frame.with(one.parameter, value, false))),
        ...frame.withoutRequired(),
        ...(body?.wrong ?? []).map((one) => frame.withBody(one, false)),
      ],
      leftOut,
    };
  }

  private drawn(operation: ApiOperation, parameter: ApiParameter, leftOut: string[]): Drawn | undefined {
    try {
      const schema = inlinedSchema(this.document, parameter.pointer);
      const known = parameter.in === 'path' ? spread(this.known.for(operation, parameter), maxKnown) : [];
      const candidates = [
        ...known.map((value) => ({ value, label: 'of an answer' })),
        ...usualValues(schema, seedFor(this.seed, operation.id, parameter.name), parameter.examples),
      ];
      const usual = this.legal(parameter, candidates);
      if (usual.length > 0) return { parameter, schema, usual };
      leftOut.push(`parameter ${parameter.name}: no value could be made for its schema`);
    } catch (error) {
      leftOut.push(`parameter ${parameter.name}: ${reasonOf(error)}`);
    }
    return undefined;
  }

  private legal(parameter: ApiParameter, candidates: readonly Candidate[]): Candidate[] {
    return different(
      candidates.filter(({ value }) => fits(parameter, value) && this.isLegal(parameter.pointer, value)),
    );
  }

  private boundaries(operation: ApiOperation, { parameter, schema }: Drawn): Candidate[] {
    return this.legal(parameter, boundaryValues(schema, seedFor(this.seed, operation.id, parameter.name, 'bounds')));
  }

  private wrong({ parameter, schema }: Drawn): Candidate[] {
    return different(
      illegalTexts(schema).filter(({ value }) => fits(parameter, value) && !this.isLegal(parameter.pointer, value)),
    );
  }

  private isLegal(pointer: string, value: unknown): boolean {
    return this.checks.problems(pointer, value, 'readOnly').length === 0;
  }

  private body({ id }: ApiOperation, body: ApiBody, leftOut: string[]): BodyCases | undefined {
    try {
      const schema = inlinedSchema(this.document, body.pointer);
      const seed = seedFor(this.seed, id, 'body');
      const isRight = ({ value }: Candidate): boolean => this.isLegal(body.pointer, value);
      const usual = different(usualValues(schema, seed, body.examples).filter(isRight));
      const [right] = usual;
      if (right === undefined) {
        leftOut.push('the body: no value could be made for its schema');
        return undefined;
      }
      return {
        right: sent(body, right),
        usual: [...usual.slice(1), ...leastValues(schema, seed).filter(isRight)].map((one) => sent(body, one)),
        boundaries: bodyBoundaries(schema, right.value, seed)
          .filter(isRight)
          .map((one) => sent(body, one)),
        wrong: [
          ...different(illegalBodies(schema, right.value).filter((one) => !isRight(one))).map((one) => sent(body, one)),
          { text: '{"cut off', mediaType: body.mediaType, label: 'the body: no JSON' },
        ],
      };
    } catch (error) {
      leftOut.push(`the body: ${reasonOf(error)}`);
      return undefined;
    }
  }
}

interface LabelledBody extends SentBody {
  readonly label: string;
}

interface BodyCases {
  readonly right: LabelledBody;
  readonly usual: readonly LabelledBody[];
  readonly boundaries: readonly LabelledBody[];
  readonly wrong: readonly LabelledBody[];
}

const sent = ({ mediaType }: ApiBody, { value, label }: Candidate): LabelledBody => ({
  text: JSON.stringify(value),
  mediaType,
  label,
});

const bodyBoundaries = (schema: Node, right: unknown, seed: number): Candidate[] => {
  const properties = schema['properties'];
  if (typeof right !== 'object' || right === null || typeof properties !== 'object' || properties === null) return [];
  return Object.entries(properties)
    .slice(0, 100)
    .flatMap(([name, property]) =>
      typeof property === 'object' && property !== null
        ? boundaryValues(property as Node, seedFor(seed, name)).map(({ value, label }) => ({
            value: { ...right, [name]: value },
            label: `${name}: ${label}`,
          }))
        : [],
    );
};

const reasonOf = (error: unknown): string => {
  if (error instanceof NotMade) return `${error.message} are not made`;
  return error instanceof Error ? error.message : String(error);
};

// A body that is required but cannot be sent.
const bodyUnknown = ({ body, leftOut, method }: ApiOperation): boolean =>
  body === undefined && method !== 'GET' && leftOut.some((why) => why.startsWith('the body:'));

/** A request as it should be, in which one thing is changed at a time. */
class Frame {
  constructor(
    private readonly operation: ApiOperation,
    private readonly drawn: readonly Drawn[],
    private readonly body: LabelledBody | undefined,
  ) {}

  /** With what is required only, with all, and for each thing that is known to exist. */
  usual(): TestCase[] {
    const all = this.drawn.some(({ parameter }) => !parameter.required)
      ? [this.case('all parameters', this.all())]
      : [];
    const known = this.drawn
      .filter(({ parameter }) => parameter.in === 'path')
      .flatMap(({ parameter, usual }) =>
        usual
          .slice(1)
          .filter(({ label }) => label === 'of an answer')
          .map(({ value }) => this.case(`another ${parameter.name}`, this.least().set(parameter, value))),
      );
    return [this.case('what is required', this.least()), ...all, ...known];
  }

  with(parameter: ApiParameter, { value, label }: Candidate, legal: boolean): TestCase {
    return this.case(`${parameter.name}: ${label}`, this.least().set(parameter, value), legal);
  }

  withBody(body: LabelledBody, legal: boolean): TestCase {
    return { ...this.case(body.label, this.least(), legal), body };
  }

  /** Each required parameter missing once, but for those of the path. */
  withoutRequired(): TestCase[] {
    return this.drawn
      .filter(({ parameter }) => parameter.required && parameter.in !== 'path')
      .map(({ parameter }) => {
        const values = this.least();
        values.delete(parameter);
        return this.case(`${parameter.name}: missing`, values, false);
      });
  }

  private least(): Map<ApiParameter, unknown> {
    return new Map(
      this.drawn.filter(({ parameter }) => parameter.required).map((one) => [one.parameter, one.usual[0]?.value]),
    );
  }

  private all(): Map<ApiParameter, unknown> {
    return new Map(this.drawn.map((one) => [one.parameter, one.usual[0]?.value]));
  }

  private case(label: string, values: ReadonlyMap<ApiParameter, unknown>, legal = true): TestCase {
    const { operation, body } = this;
    return { operation, label, legal, values, ...(body !== undefined && { body }) };
  }
}
