import { inputOf, operationOf } from '../../execution/payload.policy.js';
import { storableJson } from '../../execution/result.policy.js';
import { packed, unpacked } from '../thread-failure.policy.js';
import type { FromThread, ThreadTask, ToThread } from '../thread-message.js';
import { PortCalls } from './port-calls.js';
import { operationsIn } from './skill-module.js';
import { ThreadContext } from './thread-context.js';

export type Post = (message: FromThread, transfer?: readonly ArrayBuffer[]) => void;

/** One attempt inside its thread. */
export class ThreadAttempt {
  private readonly controller = new AbortController();
  private readonly calls: PortCalls;

  constructor(
    readonly number: number,
    private readonly task: ThreadTask,
    private readonly post: Post,
  ) {
    this.calls = new PortCalls(number, post);
  }

  /** Never rejects: how it ended is posted. */
  async run(): Promise<void> {
    const run = this.number;
    try {
      this.post({ run, kind: 'result', json: storableJson(await this.handle(), this.task.resultMaxBytes) });
    } catch (error) {
      this.post({ run, kind: 'failure', failure: packed(error) });
    }
  }

  take(message: Exclude<ToThread, { kind: 'run' }>): void {
    if (message.kind === 'abort') this.controller.abort(unpacked(message.reason));
    else this.calls.settle(message);
  }

  private async handle(): Promise<unknown> {
    const { module, taskType, payload } = this.task;
    const operation = operationOf(await operationsIn(module, taskType), payload);
    const context = new ThreadContext(this.task, this.controller.signal, this.calls);
    return operation.handle(inputOf(operation, payload), context);
  }
}
