import { HandlerThread } from '../src/threads/handler-thread.js';
import type { ThreadHost } from '../src/threads/thread-call.js';
import { threadedSkill } from './threaded.skill.js';

const refused = () => Promise.reject(new Error('This operation keeps nothing'));

/** One thread, without a worker around it, and what its handlers wrote. */
export class Thread {
  readonly lines: (string | undefined)[][] = [];
  exits = 0;
  readonly thread = new HandlerThread({
    memoryMb: 64,
    onLine: (line, taskId) => void this.lines.push([taskId, line]),
    onExit: () => (this.exits += 1),
  });

  /** @returns what the operation of this name answers */
  async run(operation: string, taskId = 'task', signal = AbortSignal.timeout(20_000)): Promise<unknown> {
    const host: ThreadHost = {
      taskId,
      signal,
      log: () => undefined,
      progress: () => undefined,
      artifact: refused,
      ledger: { begin: refused, finish: refused },
    };
    const task = { taskId, tenantId: 'tenant', taskType: 'analytics', attempt: 1, deadline: new Date() } as const;
    const limits = { resultMaxBytes: 10_000, maxEvents: 10 };
    const payload = { operation };
    return JSON.parse(await this.thread.run({ module: threadedSkill.module, payload, ...task, ...limits }, host));
  }
}
