import type { TaskContext } from '@pulser/agent-runtime';

import type { Call, Outside } from '../outside/outside.js';
import { persistently } from '../outside/persistently.js';

/** The effects of the operations on the system outside. */
export class Effects {
  constructor(private readonly outside: () => Promise<Outside>) {}

  /** Says that an attempt has begun. */
  async begin(ref: string, context: TaskContext): Promise<void> {
    const call = callOf(context.taskId, ref, context);
    await persistently(async () => (await this.outside()).begin(call), context.signal);
  }

  /** Has the effect of the task, once. */
  async have(ref: string, context: TaskContext): Promise<void> {
    await context.once('effect', ({ idempotencyKey }) => this.apply(idempotencyKey, ref, context));
  }

  private async apply(key: string, ref: string, context: TaskContext): Promise<void> {
    const call = callOf(key, ref, context);
    await persistently(async () => (await this.outside()).apply(call), context.signal);
  }
}

const callOf = (key: string, ref: string, { taskId, attempt }: TaskContext): Call => ({ key, ref, taskId, attempt });
