import { Injectable } from '@nestjs/common';

export type SignalListener = (signal: { readonly ended: boolean }) => void;

/** "Something happened to this task": from whoever hears of it to whoever, in this process, waits for it. */
@Injectable()
export class TaskNotifier {
  private readonly byTask = new Map<string, Set<SignalListener>>();

  /** @returns what ends the subscription */
  subscribe(taskId: string, listener: SignalListener): () => void {
    const listeners = this.byTask.get(taskId) ?? new Set();
    this.byTask.set(taskId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.byTask.delete(taskId);
    };
  }

  send(taskId: string, ended: boolean): void {
    for (const listener of this.byTask.get(taskId) ?? []) listener({ ended });
  }
}
