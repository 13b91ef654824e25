// Expressions are evaluated in a thread of their own, one request after the other: one that takes too long ends the thread,
// never the event loop.
import { Worker } from 'node:worker_threads';

import { entryPoint } from '@pulser/isolation';

import type { Evaluated, Item, Scope } from './evaluation.js';
import { expressionLimits } from './language.js';

export interface Evaluation {
  readonly template: unknown;
  readonly scope: Scope;
  /** The template is filled in once for each of them; without, once. */
  readonly items?: readonly Item[] | undefined;
}

interface Answer {
  readonly id: number;
  readonly answers: readonly Evaluated[];
}

const heapMb = 128;
/** Milliseconds after which a thread with nothing to do gives its memory back. */
const idleMs = 30_000;
/** On a machine that is busy with other things a thread stands still too: an expression gets a second, longer chance. */
const chancesMs = [expressionLimits.timeMs, expressionLimits.timeMs * 5];

/** A thread that is there while there is something to evaluate. */
class EvaluationThread {
  readonly ended: Promise<void>;
  private readonly progress = new Int32Array(new SharedArrayBuffer(4));
  private readonly worker: Worker;
  private readonly ready: Promise<void>;
  private waiting: ((answer: Answer | undefined) => void) | undefined;

  constructor() {
    const { file, execArgv } = entryPoint(import.meta.url, './evaluation.worker');
    const limits = { maxOldGenerationSizeMb: heapMb };
    this.worker = new Worker(file, { env: {}, execArgv, workerData: this.progress.buffer, resourceLimits: limits });
    this.ready = new Promise((resolve) => {
      this.worker.on('message', (message: Answer | 'ready') => {
        if (message === 'ready') resolve();
        else this.answer(message);
      });
    });
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        resolve();
        this.answer(undefined);
      };
      this.worker.on('error', end).on('exit', end);
    });
    this.worker.unref();
  }

  /** @returns undefined when an expression took longer, or the thread died of it */
  async evaluate(id: number, evaluation: Evaluation, limitMs: number): Promise<readonly Evaluated[] | undefined> {
    await Promise.race([this.ready, this.ended]);
    const answered = new Promise<Answer | undefined>((resolve) => {
      this.waiting = resolve;
      this.worker.postMessage({ id, ...evaluation });
      void this.ended.then(() => {
        resolve(undefined);
      });
    });
    const watch = this.watch(limitMs);
    this.worker.ref();
    const answer = await answered;
    clearInterval(watch);
    this.worker.unref();
    return answer?.answers;
  }

  end(): void {
    void this.worker.terminate();
  }

  private answer(answer: Answer | undefined): void {
    this.waiting?.(answer);
    this.waiting = undefined;
  }

  /** Ends the thread when no expression was evaluated from one look to the next. */
  private watch(limitMs: number): NodeJS.Timeout {
    let seen = Atomics.load(this.progress, 0);
    return setInterval(() => {
      const now = Atomics.load(this.progress, 0);
      if (now === seen) this.end();
      seen = now;
    }, limitMs);
  }
}

/** Evaluates expressions, each within 100 ms: first come, first served. */
export class Evaluator {
  private thread: EvaluationThread | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private idle: NodeJS.Timeout | undefined;
  private ids = 0;

  /** One answer for each item, or one. An expression that takes too long fails them all with `expression_limit`. */
  evaluate(evaluation: Evaluation): Promise<readonly Evaluated[]> {
    const turn = this.last.then(() => this.inThread(evaluation));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  close(): void {
    clearTimeout(this.idle);
    this.thread?.end();
    this.thread = undefined;
  }

  private async inThread(evaluation: Evaluation): Promise<readonly Evaluated[]> {
    clearTimeout(this.idle);
    for (const limitMs of chancesMs) {
      this.thread ??= new EvaluationThread();
      const answers = await this.thread.evaluate(++this.ids, evaluation, limitMs);
      if (answers !== undefined) {
        this.idle = setTimeout(() => {
          this.close();
        }, idleMs).unref();
        return answers;
      }
      this.close();
    }
    const detail = `An expression takes longer than ${expressionLimits.timeMs} ms, or more memory than there is`;
    return (evaluation.items ?? [undefined]).map(() => ({ ok: false, code: 'expression_limit', detail }));
  }
}
