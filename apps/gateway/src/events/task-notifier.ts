// From a message about a task to the requests of this process that wait for it: long polls and event streams.
import { Injectable } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { MessageConsumer, OnMessage } from '@pulser/messaging';

export type TaskListener = (event: { readonly ended: boolean }) => void;

/** Calls the listeners of a task when something happened to it. */
@Injectable()
export class TaskNotifier {
  private readonly byTask = new Map<string, Set<TaskListener>>();

  /** @returns what ends the subscription */
  subscribe(taskId: string, listener: TaskListener): () => void {
    const listeners = this.byTask.get(taskId) ?? new Set();
    this.byTask.set(taskId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.byTask.delete(taskId);
    };
  }

  notify(taskId: string, ended: boolean): void {
    for (const listener of this.byTask.get(taskId) ?? []) listener({ ended });
  }
}

type TaskEvents = readonly { readonly task_id: string }[];

/** Passes what workers publish about tasks to the requests of this process that wait for them. */
@MessageConsumer()
export class TaskEventsConsumer {
  constructor(private readonly notifier: TaskNotifier) {}

  @OnMessage('task.started', 'task.progress', 'task.retrying')
  moved(@Payload() events: TaskEvents): void {
    for (const { task_id } of events) this.notifier.notify(task_id, false);
  }

  @OnMessage('task.completed', 'task.failed', 'task.cancelled')
  ended(@Payload() events: TaskEvents): void {
    for (const { task_id } of events) this.notifier.notify(task_id, true);
  }
}

/** Wakes one sleeper. A wake-up that comes while it is awake is kept for its next sleep. */
export class Wakeup {
  private pending = false;
  private interrupt: () => void = () => undefined;

  wake(): void {
    this.pending = true;
    this.interrupt();
  }

  /** Sleeps until `wake`, or for `limitMs` milliseconds. */
  async sleep(limitMs: number): Promise<void> {
    if (!this.pending) await this.interruptible(limitMs);
    this.pending = false;
  }

  private interruptible(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.interrupt = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
