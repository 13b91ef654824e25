// Payloads are checked against the registered schema of their operation before a task becomes a row. The validating
// function of a schema is compiled in a thread and runs here, with patterns in linear time.
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

import { Injectable } from '@nestjs/common';
import { SingleFlight, withTimeLimit } from '@pulser/concurrency';
import type { FieldProblem, OperationDescription } from '@pulser/contracts';
import type { ValidateFunction } from 'ajv';
import { RE2JS } from 're2js';

import { payloadProblems } from './payload-problems.policy.js';
import { schemaVerdict } from './schema-guard.policy.js';
import { type JsonSchema, withTags } from './tagged-unions.policy.js';

const compileLimitMs = 10_000;
/** Milliseconds after which a thread with nothing to compile gives its memory back. */
const idleMs = 5_000;
const heapMb = 128;

const require = createRequire(import.meta.url);

/** What the generated source may ask for: helpers of Ajv, by name. */
const helpers: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['ajv/dist/runtime/equal', require('ajv/dist/runtime/equal')],
  ['ajv/dist/runtime/ucs2length', require('ajv/dist/runtime/ucs2length')],
]);

/** Reads texts against the patterns of a schema, up to a number of characters; beyond it every text fits. */
export class PatternBudget {
  left = 0;

  // RE2 has no look-around and no back references: what it cannot read is left to the worker that runs the task.
  readonly regExp = (pattern: string, flags: string): { test: (text: string) => boolean } => {
    const compiled = compiledOf(pattern, flags);
    return {
      test: (text) => {
        this.left -= text.length;
        return compiled === undefined || this.left < 0 || compiled.matcher(text).find();
      },
    };
  };
}

const compiledOf = (pattern: string, flags: string): RE2JS | undefined => {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern), flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0);
  } catch {
    return undefined;
  }
};

const requireHelper = (name: string): unknown => {
  if (!helpers.has(name)) throw new Error(`The source of a schema asks for ${name}`);
  return helpers.get(name);
};

const functionOf = (source: string, budget: PatternBudget): ValidateFunction => {
  const module = { exports: undefined as unknown };
  // Ajv's own source: texts of the schema are in it as string literals only.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  new Function('module', 'require', 'linearRegExp', source)(module, requireHelper, budget.regExp);
  return module.exports as ValidateFunction;
};

/** One that stops at the first fault, and one that finds them all. */
interface Validators<T> {
  readonly validate: T;
  readonly explain: T;
}

type Sources = Validators<string> | undefined;

interface Answer {
  readonly id: number;
  readonly sources: Sources;
}

const entry = new URL(`./payload-compiler.worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** One thread that is there while there is something to compile. */
export class PayloadCompiler {
  private thread: Worker | undefined;
  private readonly waiting = new Map<number, (sources: Sources) => void>();
  private idle: NodeJS.Timeout | undefined;
  private ids = 0;

  /** @returns undefined when it is no schema, or takes too long */
  async compile(schema: JsonSchema, budget: PatternBudget): Promise<Validators<ValidateFunction> | undefined> {
    // Ajv would look for the dialect that a schema names, and remember its id.
    const rest = { ...withTags(schema), $schema: undefined, $id: undefined };
    try {
      const sources = await withTimeLimit(this.sources(rest), compileLimitMs);
      if (sources === undefined) return undefined;
      return { validate: functionOf(sources.validate, budget), explain: functionOf(sources.explain, budget) };
    } catch {
      this.end();
      return undefined;
    }
  }

  private sources(schema: object): Promise<Sources> {
    clearTimeout(this.idle);
    const thread = (this.thread ??= this.start());
    const id = ++this.ids;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      thread.postMessage({ id, schema });
    });
  }

  private start(): Worker {
    // Frozen, because keys of a schema, such as __proto__, become keys of the compiler's own objects.
    const execArgv = ['--frozen-intrinsics', '--disable-warning=ExperimentalWarning'];
    const thread = new Worker(entry, { env: {}, execArgv, resourceLimits: { maxOldGenerationSizeMb: heapMb } });
    thread.on('message', ({ id, sources }: Answer) => {
      this.waiting.get(id)?.(sources);
      this.waiting.delete(id);
      if (this.waiting.size === 0)
        this.idle = setTimeout(() => {
          this.end();
        }, idleMs).unref();
    });
    const lost = (): void => {
      if (this.thread === thread) this.end();
    };
    thread.on('error', lost).on('exit', lost);
    // After the listeners, which hold the process again.
    thread.unref();
    return thread;
  }

  private end(): void {
    const { thread } = this;
    this.thread = undefined;
    for (const resolve of this.waiting.values()) resolve(undefined);
    this.waiting.clear();
    void thread?.terminate();
  }
}

/**
 * Schema applications that one check may cost: about 10 ms of the event loop. A larger payload is checked by the worker
 * alone, in its own thread, as every payload is once more.
 */
const maxApplications = 400_000;
/** Characters that the patterns of one check may read; the linear-time engine is some hundred times slower than V8's. */
const maxPatternCharacters = 20_000;

/** Schema applications that finding every fault may cost: each may make an object. */
const maxExplained = 100_000;

interface Check extends Validators<ValidateFunction> {
  readonly weight: number;
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

  /**
   * What is wrong with any value by a schema that comes from a payload.
   * @returns undefined when the schema is none, or would cost too much
   */
  async problemsBy(schema: Readonly<Record<string, unknown>>, value: unknown): Promise<FieldProblem[] | undefined> {
    const check = this.compiled.has(schema) ? this.compiled.get(schema) : await this.compile(schema);
    return check && this.check(value, check);
  }

  private check(payload: unknown, { weight, validate, explain }: Check): FieldProblem[] {
    const bound = maxApplications / weight;
    const values = valuesIn(payload, bound);
    if (values > bound || this.fits(payload, validate)) return [];
    const all = values * weight <= maxExplained && !this.fits(payload, explain) ? explain.errors : validate.errors;
    return payloadProblems(all ?? []);
  }

  private fits(payload: unknown, validate: ValidateFunction): boolean {
    this.patterns.left = maxPatternCharacters;
    return validate(payload);
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
    const validators = await this.compiler.compile(schema, this.patterns);
    return validators && { weight: verdict.weight, ...validators };
  }
}
