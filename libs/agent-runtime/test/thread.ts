import type { HostCalls } from '../src/context/handler-context.js';
import { HandlerThread } from '../src/threads/handler-thread.js';
import { threadedSkill } from './threaded.skill.js';

const refused = () => Promise.reject(new Error('This operation keeps nothing'));

/** One thread, without a worker around it, and what its handlers wrote. */
export class Thread {
  readonly lines: (string | undefined)[][] = [];
  exits = 0;
  /** What its handlers may call; specs add to it. */
  readonly calls: HostCalls & Record<string, (...args: never[]) => unknown> = {
    log: () => undefined,
    progress: () => undefined,
    artifact: refused,
    setting: refused,
    secret: refused,
    mayAsk: refused,
    answered: refused,
    outgoing: refused,
    beginEffect: refused,
    remember: refused,
    searchMemory: refused,
    forgetMemory: refused,
    embed: refused,
    finishEffect: refused,
    openData: refused,
    describeDataset: refused,
    keepDataset: refused,
    keepFile: refused,
    finishedTasks: refused,
    telemetry: refused,
    child: refused,
    look: refused,
    beginRun: refused,
    callTool: refused,
    listTools: refused,
    findTools: refused,
  };
  readonly thread = new HandlerThread({ memoryMb: 64, onExit: () => (this.exits += 1) });

  /** @returns what the operation of this name answers */
  async run(operation: string, taskId = 'task', signal = AbortSignal.timeout(100_000), input = {}): Promise<unknown> {
    const host = { signal, calls: this.calls, onLine: (line: string) => void this.lines.push([taskId, line]) };
    const task = { taskId, tenantId: 'tenant', taskType: 'analytics', attempt: 1, deadline: new Date() } as const;
    const limits = { resultMaxBytes: 10_000, maxEvents: 10 };
    const payload = { operation, ...input };
    return JSON.parse(await this.thread.run({ module: threadedSkill.module, payload, ...task, ...limits }, host));
  }
}
