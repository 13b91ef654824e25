import type { HandlerMeter } from '../reporting/handler-meter.js';
import type { HandlerThread } from './handler-thread.js';

/** Milliseconds after which a thread that has nothing to do gives its memory back. */
const idleMs = 30_000;

/** The threads there are. The one that ran last runs next, so that the others may go. */
export class ThreadStore {
  private readonly idle: HandlerThread[] = [];
  private readonly all = new Set<HandlerThread>();
  private readonly timers = new Map<HandlerThread, NodeJS.Timeout>();

  constructor(
    private readonly create: () => HandlerThread,
    private readonly meter: HandlerMeter,
  ) {}

  take(): HandlerThread {
    const thread = this.idle.pop();
    if (thread === undefined) return this.another();
    return thread.usable ? thread : this.take();
  }

  giveBack(thread: HandlerThread): void {
    if (!thread.usable) return;
    this.idle.push(thread);
    const timer = this.timers.get(thread);
    if (timer === undefined) this.timers.set(thread, this.timerFor(thread));
    else timer.refresh();
  }

  /** It has ended. */
  lose(thread: HandlerThread): void {
    clearTimeout(this.timers.get(thread));
    this.timers.delete(thread);
    this.all.delete(thread);
    this.meter.threads(this.all.size);
  }

  async close(): Promise<void> {
    await Promise.all([...this.all].map((thread) => thread.end()));
  }

  private another(): HandlerThread {
    const thread = this.create();
    this.all.add(thread);
    this.meter.threads(this.all.size);
    return thread;
  }

  private timerFor(thread: HandlerThread): NodeJS.Timeout {
    return setTimeout(() => {
      const at = this.idle.indexOf(thread);
      // At work: giving it back starts the time anew.
      if (at === -1) return;
      this.idle.splice(at, 1);
      void thread.end();
    }, idleMs).unref();
  }
}
