import { Worker } from 'node:worker_threads';

import { answerTo, type ThreadHost } from './thread-call.js';
import { deathOf } from './thread-death.policy.js';
import { threadEntry } from './thread-entry.js';
import { threadEnvironment } from './thread-environment.policy.js';
import { packed, unpacked } from './thread-failure.policy.js';
import type { FromThread, ThreadTask, ToThread } from './thread-message.js';
import { tellLines } from './thread-output.js';

export interface ThreadOptions {
  readonly memoryMb: number;
  /** Told what the handler wrote to its standard output or error. */
  readonly onLine: (line: string, taskId: string | undefined) => void;
  readonly onExit: (thread: HandlerThread) => void;
}

interface Run {
  readonly number: number;
  readonly host: ThreadHost;
  readonly json: PromiseWithResolvers<string>;
}

/** A thread that runs one handler at a time. Where its handler cannot do something itself, this does it. */
export class HandlerThread {
  private readonly worker: Worker;
  private runs = 0;
  private current: Run | undefined;
  private cause: unknown;
  // Output arrives after the result of the handler that wrote it.
  private lastTaskId: string | undefined;
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
    this.lastTaskId = host.taskId;
    this.worker.ref();
    const abort = (): void => {
      this.post({ run: run.number, kind: 'abort', reason: packed(host.signal.reason) });
    };
    host.signal.addEventListener('abort', abort);
    this.post({ run: run.number, kind: 'run', task });
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
      tellLines(output, (line) => {
        options.onLine(line, this.lastTaskId);
      });
    }
  }

  private take(message: FromThread, { host, json }: Run): void {
    switch (message.kind) {
      case 'log':
        host.log(message.level, message.message, message.fields as Record<string, unknown> | undefined);
        return;
      case 'progress':
        host.progress(message.percent, message.message);
        return;
      case 'call':
        void answerTo(message, host).then((answer) => {
          this.post(answer);
        });
        return;
      case 'result':
        json.resolve(message.json);
        return;
      case 'failure':
        json.reject(unpacked(message.failure));
    }
  }

  private post(message: ToThread): void {
    this.worker.postMessage(message);
  }
}
