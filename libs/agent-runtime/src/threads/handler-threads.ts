import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { maxEventsPerAttempt } from '@pulser/context-bus';
import { Logger } from '@pulser/service-kit';

import { AgentEnv } from '../agent/agent.env.js';
import type { Attempt } from '../execution/attempt.js';
import type { AttemptContext } from '../execution/attempt-context.js';
import { endsWithinGrace } from '../execution/grace.js';
import type { Work } from '../execution/work.js';
import { HandlerMeter } from '../reporting/handler-meter.js';
import { HandlerThread, type ThreadOptions } from './handler-thread.js';
import { ThreadStore } from './thread-store.js';

const nothing = Promise.resolve();

/**
 * Runs handlers in threads, one attempt a thread. A thread is made when none is idle, so there are never more than slots;
 * it is kept while its handlers end, and ended with a handler that ignores its abort.
 */
@Injectable()
export class HandlerThreads implements OnApplicationShutdown {
  private readonly threads: ThreadStore;

  constructor(
    private readonly env: AgentEnv,
    private readonly logger: Logger,
    private readonly meter: HandlerMeter,
  ) {
    this.threads = new ThreadStore(() => new HandlerThread(this.options()), meter);
  }

  /** @param module URL of the module that exports the skill. @throws Error when no thread can be made */
  start(module: string, attempt: Attempt, context: AttemptContext): Work {
    const thread = this.threads.take();
    const running = this.run(thread, module, attempt, context);
    return {
      result: this.finish(running, context),
      over: () => (attempt.signal.aborted ? this.cutOff(thread, running, attempt) : nothing),
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.threads.close();
  }

  private async run(
    thread: HandlerThread,
    module: string,
    { payload }: Attempt,
    context: AttemptContext,
  ): Promise<string> {
    const { taskId, tenantId, taskType, attempt, deadline } = context;
    const limits = { resultMaxBytes: this.env.RESULT_MAX_BYTES, maxEvents: maxEventsPerAttempt };
    try {
      return await thread.run({ module, payload, taskId, tenantId, taskType, attempt, deadline, ...limits }, context);
    } finally {
      this.threads.giveBack(thread);
    }
  }

  private async finish(running: Promise<string>, context: AttemptContext): Promise<unknown> {
    const json = await running;
    await context.flushed();
    return JSON.parse(json);
  }

  private async cutOff(thread: HandlerThread, running: Promise<string>, { claim, dispatch }: Attempt): Promise<void> {
    if (await endsWithinGrace(running)) return;
    this.meter.cutOff(dispatch.task_type);
    this.logger.warn({ task_id: claim.taskId }, 'a handler was cut off because it ignored that it was told to stop');
    await thread.end();
  }

  private options(): ThreadOptions {
    return {
      memoryMb: this.env.HANDLER_MEMORY_MB,
      onLine: (output, taskId) => {
        this.logger.info({ task_id: taskId, output }, 'a handler wrote');
      },
      onExit: (thread) => {
        this.threads.lose(thread);
      },
    };
  }
}
