import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { settlesWithin } from '@pulser/concurrency';
import { maxEventsPerAttempt } from '@pulser/context-bus';
import { canaryOperation, systemTenantId } from '@pulser/contracts';
import { Logger } from '@pulser/service-kit';

import { AgentEnv } from '../agent/agent.env.js';
import { AgentProfile } from '../agent/agent-profile.js';
import { AskHost } from '../ask/ask-host.js';
import { AskOrder, askExample, askOperation, askSummary } from '../skills/ask-order.js';
import type { CallOperation } from '../ask/ask-tools.js';
import type { Attempt } from '../context/attempt.js';
import { AttemptHost, type OpenHost } from '../context/attempt-host.js';
import { type ContextLimits, handlerContext } from '../context/handler-context.js';
import { HandlerMeter } from '../reporting/attempt-meter.js';
import { handled } from '../skills/approval-gate.js';
import { checkedResult, operationOf } from '../skills/payload-and-result.js';
import type { Operation } from '../skills/skill.js';
import type { HandlerThread } from '../threads/handler-thread.js';
import { HandlerThreadPool } from '../threads/handler-thread-pool.js';

/** A handler at work. */
export interface HandlerRun {
  /** Settles as the handler does; what it resolves with is JSON that the database can hold. */
  readonly result: Promise<unknown>;
  /**
   * To be called once, when the attempt has ended or was aborted: an aborted handler's grace begins.
   * @returns resolves when the handler holds its slot no longer; never rejects
   */
  release(): Promise<void>;
}

/** One call of an operation: what the task asks for, or a tool of what it asks for. */
interface Call {
  readonly payload: Readonly<Record<string, unknown>>;
  readonly limits: ContextLimits;
  /** Its handler starts. */
  readonly begin: () => void;
}

/** Milliseconds that a handler gets to end after its attempt was aborted. */
const graceMs = 2_000;

// A process that can end does not wait for the grace.
const endsWithinGrace = (running: Promise<unknown>): Promise<boolean> =>
  settlesWithin(graceMs, running, { ref: false });

const nothing = Promise.resolve();

/** Starts the handler that a task's payload names: in a thread of the pool, or inline in the worker's own thread. */
@Injectable()
export class Handlers implements OnApplicationShutdown {
  private readonly limits: ContextLimits;
  /** Threads that run handlers of this agent. */
  private readonly busy = new Set<HandlerThread>();

  constructor(
    private readonly profile: AgentProfile,
    private readonly host: AttemptHost,
    private readonly pool: HandlerThreadPool,
    private readonly meter: HandlerMeter,
    private readonly asks: AskHost,
    private readonly logger: Logger,
    env: AgentEnv,
  ) {
    this.limits = { resultMaxBytes: env.RESULT_MAX_BYTES, maxEvents: maxEventsPerAttempt };
    pool.reportSize((threads) => {
      meter.threads(threads);
    });
  }

  /** Its result fails with a TaskError, or with whatever the handler throws. */
  start(attempt: Attempt): HandlerRun {
    if (isCanary(attempt)) return answered(attempt);
    try {
      const { operation, host } = this.isAsk(attempt) ? this.openAsk(attempt) : this.openOperation(attempt);
      const inline = operation.inline === true;
      const run = inline
        ? this.startInline(operation, attempt, host, this.callOf(attempt))
        : this.startInThread(this.profile.moduleOf(attempt.taskType), attempt, host, this.callOf(attempt));
      return {
        result: withoutSecrets(run.result, host),
        release: () => run.release().finally(host.release),
      };
    } catch (error) {
      return refusal(error);
    }
  }

  private isAsk({ payload, taskType }: Attempt): boolean {
    return payload['operation'] === askOperation && this.profile.hasAsk(taskType);
  }

  private openOperation(attempt: Attempt): { readonly operation: Operation; readonly host: OpenHost } {
    const operation = operationOf(this.profile.operationsOf(attempt.taskType), attempt.payload);
    return { operation, host: this.host.open(attempt, operation) };
  }

  private openAsk(attempt: Attempt): { readonly operation: Operation; readonly host: OpenHost } {
    // The key of a tenant's model.
    const host = this.host.open(attempt, { secrets: true });
    return { operation: this.askOf(attempt, host), host };
  }

  private askOf(attempt: Attempt, { redaction }: OpenHost): Operation {
    const calls = {
      operate: (scope: string) => this.toolOf(attempt, scope),
      redacted: (text: string) => redaction?.text(text) ?? text,
    };
    return {
      name: askOperation,
      summary: askSummary,
      input: AskOrder,
      example: askExample,
      inline: true,
      handle: (order, context) => this.asks.handle(order as AskOrder, attempt, context, calls),
    };
  }

  /** Runs an operation under the lease, the time and the signal of an attempt that has begun. */
  private toolOf(attempt: Attempt, keysIn: string): CallOperation {
    return async (payload) => {
      const operation = operationOf(this.profile.operationsOf(attempt.taskType), payload);
      const host = this.host.open(attempt, operation);
      const call: Call = { payload, limits: { ...this.limits, keysIn }, begin: () => undefined };
      const run =
        operation.inline === true
          ? this.startInline(operation, attempt, host, call)
          : this.startInThread(this.profile.moduleOf(attempt.taskType), attempt, host, call);
      try {
        return await untilAborted(withoutSecrets(run.result, host), attempt.signal);
      } finally {
        await run.release().finally(host.release);
      }
    };
  }

  /** The pool may be other agents' too: only what runs for this one ends with it. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.busy].map((thread) => thread.end()));
  }

  /** What a task asks for. */
  private callOf(attempt: Attempt): Call {
    return {
      payload: attempt.payload,
      limits: this.limits,
      begin: () => {
        attempt.start();
      },
    };
  }

  private startInline(operation: Operation, attempt: Attempt, host: OpenHost, call: Call): HandlerRun {
    call.begin();
    const context = handlerContext(attempt, host.calls, call.limits);
    const running = handled(operation, call.payload, context);
    const finish = async (): Promise<unknown> => {
      const result = await running;
      await host.flushed();
      return checkedResult(result, this.limits.resultMaxBytes);
    };
    return {
      result: finish(),
      release: () => (attempt.signal.aborted ? this.awaitGrace(running, operation, attempt) : nothing),
    };
  }

  private async awaitGrace(running: Promise<unknown>, { name }: Operation, attempt: Attempt): Promise<void> {
    if (await endsWithinGrace(running)) return;
    this.meter.ignoredAbort(attempt.taskType);
    this.logger.warn({ task_id: attempt.taskId, operation: name }, 'an inline handler goes on after its abort');
  }

  private startInThread(module: string, attempt: Attempt, host: OpenHost, call: Call): HandlerRun {
    const taken = this.pool.take(attempt.signal);
    const running = this.runIn(taken, module, attempt, host, call);
    const finish = async (): Promise<unknown> => {
      const json = await running;
      await host.flushed();
      return JSON.parse(json) as unknown;
    };
    return {
      result: finish(),
      release: () => (attempt.signal.aborted ? this.cutOff(taken, running, attempt) : nothing),
    };
  }

  private async runIn(
    taken: Promise<HandlerThread>,
    module: string,
    attempt: Attempt,
    { calls, redaction }: OpenHost,
    { payload, limits, begin }: Call,
  ): Promise<string> {
    const thread = await taken;
    this.busy.add(thread);
    begin();
    const { taskId, tenantId, taskType, deadline, signal } = attempt;
    const onLine = (output: string): void => {
      this.logger.info({ task_id: taskId, output: redaction?.text(output) ?? output }, 'a handler wrote');
    };
    const task = { module, payload, taskId, tenantId, taskType, attempt: attempt.attempt, deadline, ...limits };
    try {
      return await thread.run(task, { signal, calls, onLine });
    } finally {
      this.busy.delete(thread);
      this.pool.giveBack(thread);
    }
  }

  private async cutOff(taken: Promise<HandlerThread>, running: Promise<string>, attempt: Attempt): Promise<void> {
    // One that waited for a thread has stopped waiting.
    if (await endsWithinGrace(running)) return;
    this.meter.cutOff(attempt.taskType);
    this.logger.warn({ task_id: attempt.taskId }, 'a handler was cut off because it ignored its abort');
    await (await taken).end();
  }
}

const withoutSecrets = (result: Promise<unknown>, { redaction }: OpenHost): Promise<unknown> =>
  redaction === undefined
    ? result
    : result.then(
        (value) => redaction.value(value),
        (thrown: unknown) => {
          throw redaction.thrown(thrown);
        },
      );

/** Settles as `work` does, or rejects with the reason as soon as the signal fires. */
const untilAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });

/** A task of Pulser's own, by which the way through queue, slot and database is tried. */
const isCanary = ({ tenantId, payload }: Attempt): boolean =>
  tenantId === systemTenantId && payload['operation'] === canaryOperation;

const answered = (attempt: Attempt): HandlerRun => {
  attempt.start();
  return { result: Promise.resolve(null), release: () => nothing };
};

const refusal = (error: unknown): HandlerRun => ({
  result: Promise.resolve().then(() => {
    throw error;
  }),
  release: () => nothing,
});
