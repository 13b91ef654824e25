/** The validating function of a JSON Schema: compiled in a thread, run here, with patterns in linear time. */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

import { withTimeLimit } from '@pulser/concurrency';
import type { ValidateFunction } from 'ajv';
import { RE2JS } from 're2js';

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

interface Answer {
  readonly id: number;
  readonly source: string | undefined;
}

const entry = new URL(`./payload-compiler.worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** One thread that is there while there is something to compile. */
export class PayloadCompiler {
  private thread: Worker | undefined;
  private readonly waiting = new Map<number, (source: string | undefined) => void>();
  private idle: NodeJS.Timeout | undefined;
  private ids = 0;

  /** @returns undefined when it is no schema, or takes too long */
  async compile(schema: object, budget: PatternBudget): Promise<ValidateFunction | undefined> {
    // Ajv would look for the dialect that a schema names, and remember its id.
    const rest = { ...schema, $schema: undefined, $id: undefined };
    try {
      const source = await withTimeLimit(this.source(rest), compileLimitMs);
      return source === undefined ? undefined : functionOf(source, budget);
    } catch {
      this.end();
      return undefined;
    }
  }

  private source(schema: object): Promise<string | undefined> {
    clearTimeout(this.idle);
    const thread = (this.thread ??= this.start());
    const id = ++this.ids;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      thread.postMessage({ id, schema });
    });
  }

  private start(): Worker {
    const thread = new Worker(entry, { env: {}, resourceLimits: { maxOldGenerationSizeMb: heapMb } });
    thread.on('message', ({ id, source }: Answer) => {
      this.waiting.get(id)?.(source);
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
