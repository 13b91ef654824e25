// A thread that runs handlers: what `new Worker` needs for it, and the worker's end of its messages.
import type { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';

import { keptSizes, keptText } from '@pulser/contracts';

import {
  deathOf,
  type FromThread,
  type HostCall,
  packed,
  type ThreadTask,
  type ToThread,
  unpacked,
} from './thread-protocol.js';

export interface ThreadEntry {
  readonly file: URL;
  readonly execArgv: string[];
}

// Node takes the import './x.js' literally where only './x.ts' exists.
const findSources = `
  import { registerHooks } from 'node:module';
  const source = (specifier, parent) =>
    parent?.endsWith('.ts') ? specifier.replace(/^(\\..*)\\.js$/, '$1.ts') : specifier;
  registerHooks({ resolve: (specifier, context, next) => next(source(specifier, context.parentURL), context) });`;

/**
 * The compiled entry in `dist`, or its TypeScript while the worker itself runs from source, as under Jest: then no build
 * is needed and none can be stale. Node turns all of TypeScript into JavaScript but decorators, so a skill's module and
 * what it imports have none, and take `operation` and `skill` from `@pulser/agent-runtime/skill`, which loads no Nest.
 */
export const threadEntry = (): ThreadEntry =>
  import.meta.url.endsWith('.ts')
    ? {
        file: new URL('./inside/handler.worker.ts', import.meta.url),
        execArgv: [
          '--conditions=source',
          '--experimental-transform-types',
          '--disable-warning=ExperimentalWarning',
          '--import',
          `data:text/javascript,${encodeURIComponent(findSources)}`,
        ],
      }
    : { file: new URL('./inside/handler.worker.js', import.meta.url), execArgv: [] };

// What programs need to find others and to write dates and texts. Everything else may be a secret.
const harmless = ['PATH', 'TZ', 'LANG', 'LC_ALL', 'TMPDIR'] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The variables that handlers see in `process.env`. It keeps secrets from being used or logged by accident; it is no
 * security boundary: code in this process can reach all of it.
 */
export const threadEnvironment = (environment: Environment): Record<string, string> =>
  Object.fromEntries(
    harmless.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** What a thread gets from the worker for one attempt. */
export interface ThreadHost {
  readonly signal: AbortSignal;
  /** What the handler may call, by name: the HostCalls of its attempt. */
  readonly calls: Readonly<Record<string, (...args: never[]) => unknown>>;
  /** Gets what the handler writes to its standard output or error, some of it after its result. */
  readonly onLine: (line: string) => void;
}

export interface ThreadOptions {
  /** Megabytes of JavaScript objects. */
  readonly memoryMb: number;
  readonly onExit: (thread: HandlerThread) => void;
}

interface Run {
  readonly number: number;
  readonly host: ThreadHost;
  readonly json: PromiseWithResolvers<string>;
}

/** A thread that runs one handler at a time, and the worker's end of its host calls. */
export class HandlerThread {
  private readonly worker: Worker;
  private runs = 0;
  private current: Run | undefined;
  private cause: unknown;
  // Output arrives after the result of the handler that wrote it.
  private lastHost: ThreadHost | undefined;
  private alive = true;

  constructor(private readonly options: ThreadOptions) {
    const { file, execArgv } = threadEntry();
    this.worker = new Worker(file, {
      execArgv,
      env: threadEnvironment(process.env),
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: options.memoryMb },
    });
    this.listen();
  }

  /** Whether it can take another attempt. */
  get usable(): boolean {
    return this.alive && this.current === undefined;
  }

  /** @returns the result as JSON. @throws what the handler threw; TaskError when the thread died of it */
  async run(task: ThreadTask, host: ThreadHost): Promise<string> {
    const run: Run = { number: (this.runs += 1), host, json: Promise.withResolvers<string>() };
    this.current = run;
    this.lastHost = host;
    this.worker.ref();
    const abort = (): void => {
      this.post({ run: run.number, kind: 'abort', reason: packed(host.signal.reason) });
    };
    host.signal.addEventListener('abort', abort);
    this.post({ run: run.number, kind: 'run', task, methods: Object.keys(host.calls) });
    if (host.signal.aborted) abort();
    return run.json.promise.finally(() => {
      host.signal.removeEventListener('abort', abort);
      this.current = undefined;
      // An idle thread keeps no process alive.
      this.worker.unref();
    });
  }

  /** Resolves when it is gone; code that never returns to JavaScript keeps it. */
  async end(): Promise<void> {
    this.alive = false;
    await this.worker.terminate();
  }

  private listen(): void {
    const { worker, options } = this;
    worker.on('message', (message: FromThread) => {
      if (message.run === this.current?.number) this.take(message, this.current);
    });
    worker.on('error', (error) => {
      this.cause = error;
    });
    worker.on('exit', (exitCode) => {
      this.alive = false;
      this.current?.json.reject(deathOf(this.cause, exitCode, options.memoryMb));
      options.onExit(this);
    });
    for (const output of [worker.stdout, worker.stderr]) {
      readLines(output, (line) => {
        this.lastHost?.onLine(line);
      });
    }
  }

  private take(message: FromThread, { host, json }: Run): void {
    if ('spoiled' in message && message.spoiled) void this.end();
    switch (message.kind) {
      case 'notice':
        // Has no answer, and a failed one neither.
        invoke(host, message).catch(() => undefined);
        return;
      case 'call':
        void this.answer(message, host);
        return;
      case 'result':
        json.resolve(message.json);
        return;
      case 'failure':
        json.reject(unpacked(message.failure));
    }
  }

  private async answer(message: Extract<FromThread, { kind: 'call' }>, host: ThreadHost): Promise<void> {
    const { run, call } = message;
    try {
      this.post({ run, call, kind: 'answer', value: await invoke(host, message) });
    } catch (error) {
      this.post({ run, call, kind: 'refusal', failure: packed(error) });
    }
  }

  private post(message: ToThread): void {
    this.worker.postMessage(message);
  }
}

const invoke = async ({ calls }: ThreadHost, { method, args }: HostCall): Promise<unknown> => {
  const call = Object.hasOwn(calls, method) ? calls[method] : undefined;
  if (call === undefined) throw new TypeError(`The worker has no method "${method}"`);
  // Typed at the other end, by the HostCalls that the thread was given.
  return await call(...(args as never[]));
};

// A line that comes in pieces is handed on in pieces: nothing is kept that could grow.
const readLines = (output: Readable, onLine: (line: string) => void): void => {
  output.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) if (line.trim() !== '') onLine(keptText(line, keptSizes.line));
  });
};
