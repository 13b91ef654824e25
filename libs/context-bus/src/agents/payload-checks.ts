/** Payloads are checked against the registered schema of their operation before a task becomes a row. */
import { Injectable } from '@nestjs/common';
import { SingleFlight } from '@pulser/concurrency';
import type { FieldProblem, OperationDescription } from '@pulser/contracts';
import type { ErrorObject, ValidateFunction } from 'ajv';

import { PatternBudget, PayloadCompiler } from './payload-compiler.js';
import { schemaVerdict } from './schema-guard.policy.js';

/**
 * Schema applications that one check may cost: about 10 ms of the event loop. A larger payload is checked by the worker
 * alone, in its own thread, as every payload is once more.
 */
const maxApplications = 400_000;
/** Characters that the patterns of one check may read; the linear-time engine is some hundred times slower than V8's. */
const maxPatternCharacters = 20_000;

interface Check {
  readonly weight: number;
  readonly validate: ValidateFunction;
}

/** Values in a payload, counted up to a bound. */
const valuesIn = (root: unknown, bound: number): number => {
  const open: unknown[] = [root];
  let values = 0;
  while (open.length > 0 && values <= bound) {
    const value = open.pop();
    values += 1;
    if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) open.push(item);
  }
  return values;
};

const textOf = ({ message, keyword, params }: ErrorObject): string => {
  if (keyword === 'additionalProperties') return 'Unknown field';
  if (keyword === 'enum') return `Must be one of ${JSON.stringify(params['allowedValues']).slice(0, 300)}`;
  if (keyword === 'const') return `Must be ${JSON.stringify(params['allowedValue']).slice(0, 300)}`;
  return `${(message ?? 'is wrong').charAt(0).toUpperCase()}${(message ?? 'is wrong').slice(1)}`;
};

const escaped = (segment: string): string => segment.replaceAll('~', '~0').replaceAll('/', '~1');

const problemOf = (error: ErrorObject): FieldProblem => {
  const unknownKey: unknown = error.params['additionalProperty'] ?? error.params['missingProperty'];
  const below = typeof unknownKey === 'string' ? `/${escaped(unknownKey.slice(0, 100))}` : '';
  return { pointer: `/payload${error.instancePath}${below}`.toWellFormed().slice(0, 1_000), detail: textOf(error) };
};

/** Undefined: a schema that must not run here, or is none. */
type Compiled = Check | undefined;

/** The compiled schemas of what agents have registered, by the schema itself. */
@Injectable()
export class PayloadChecks {
  private readonly compiler = new PayloadCompiler();
  private readonly patterns = new PatternBudget();
  private readonly compiled = new WeakMap<object, Compiled>();
  private readonly compiling = new SingleFlight<object, Compiled>();

  /**
   * What is wrong with a payload; nothing when it fits one of these descriptions of its operation (versions of an agent
   * that run side by side), or when only the worker can decide. Waits for a schema that was not seen before.
   */
  async problems(
    payload: Readonly<Record<string, unknown>>,
    versions: readonly OperationDescription[],
  ): Promise<FieldProblem[]> {
    let first: FieldProblem[] = [];
    for (const { input_schema } of versions) {
      const known = this.compiled.has(input_schema);
      const check = known ? this.compiled.get(input_schema) : await this.compile(input_schema);
      const problems = check === undefined ? [] : this.check(payload, check);
      if (problems.length === 0) return [];
      if (first.length === 0) first = problems;
    }
    return first;
  }

  private check(payload: Readonly<Record<string, unknown>>, { weight, validate }: Check): FieldProblem[] {
    const bound = maxApplications / weight;
    if (valuesIn(payload, bound) > bound) return [];
    this.patterns.left = maxPatternCharacters;
    return validate(payload) ? [] : (validate.errors ?? []).map(problemOf);
  }

  private compile(schema: Readonly<Record<string, unknown>>): Promise<Compiled> {
    return this.compiling.run(schema, async () => {
      const check = await this.checkOf(schema);
      this.compiled.set(schema, check);
      return check;
    });
  }

  private async checkOf(schema: Readonly<Record<string, unknown>>): Promise<Compiled> {
    const verdict = schemaVerdict(schema);
    if (!verdict.ok) return undefined;
    const validate = await this.compiler.compile(schema, this.patterns);
    return validate && { weight: verdict.weight, validate };
  }
}
