import type { EffectState } from '@pulser/context-bus';
import type { LogLevel, TaskType } from '@pulser/contracts';

import type { EffectLedger } from '../../effects/effect-ledger.js';
import { EffectRuns } from '../../effects/effect-runs.js';
import type { Effect, TaskContext } from '../../skills/task-context.js';
import type { ThreadTask, Told } from '../thread-message.js';
import type { PortCalls } from './port-calls.js';

type Fields = Readonly<Record<string, unknown>>;

// As the event keeps them: structured clone would refuse more than JSON does.
const plain = (fields: Fields | undefined): Fields | undefined => {
  if (fields === undefined) return undefined;
  try {
    return JSON.parse(JSON.stringify(fields)) as Fields;
  } catch {
    return { fields: 'not JSON' };
  }
};

/** What a handler in a thread is given: everything is done by the thread that started it, where the lease is. */
export class ThreadContext implements TaskContext {
  readonly taskId: string;
  readonly tenantId: string;
  readonly taskType: TaskType;
  readonly attempt: number;
  readonly deadline: Date;
  private readonly effects: EffectRuns;
  private told = 0;

  constructor(
    private readonly task: ThreadTask,
    readonly signal: AbortSignal,
    private readonly calls: PortCalls,
  ) {
    const { taskId, tenantId, resultMaxBytes } = task;
    this.taskId = taskId;
    this.tenantId = tenantId;
    this.taskType = task.taskType;
    this.attempt = task.attempt;
    this.deadline = task.deadline;
    this.effects = new EffectRuns({ tenantId, taskId, resultMaxBytes, ledger: ledgerOver(calls) });
  }

  log(level: LogLevel, message: string, fields?: Fields): void {
    this.tell({ kind: 'log', level, message, fields: plain(fields) });
  }

  progress(percent: number, message?: string): void {
    this.tell({ kind: 'progress', percent, message });
  }

  async artifact(name: string, mediaType: string, content: Uint8Array): Promise<void> {
    // A copy, because its memory leaves this thread and the handler may go on with its own.
    const own = new Uint8Array(content);
    await this.calls.ask({ to: 'artifact', name, mediaType, content: own }, [own.buffer]);
  }

  once<T>(key: string, effect: (effect: Effect) => Promise<T>): Promise<T> {
    return this.effects.once(key, effect);
  }

  // Counted here too: a handler that says the same for ever must not fill the memory of the worker.
  private tell(told: Told): void {
    if (this.signal.aborted || this.told >= this.task.maxEvents) return;
    this.told += 1;
    this.calls.tell(told);
  }
}

const ledgerOver = (calls: PortCalls): EffectLedger => ({
  begin: async (key) => (await calls.ask({ to: 'begin', key })) as EffectState,
  finish: async (key, json) => {
    await calls.ask({ to: 'finish', key, json });
  },
});
