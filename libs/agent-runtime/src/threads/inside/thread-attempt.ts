import { TaskError, type TaskType } from '@pulser/contracts';

import { handlerContext } from '../../context/handler-context.js';
import { inputOf, operationOf, storableJson } from '../../skills/payload-and-result.js';
import type { Operation, Skill } from '../../skills/skill.js';
import { packed, unpacked } from '../thread-failure.policy.js';
import type { Post, ThreadTask, ToThread } from '../thread-protocol.js';
import { HostProxy } from './host-proxy.js';

type Start = Extract<ToThread, { kind: 'run' }>;

/** One attempt inside its thread. */
export class ThreadAttempt {
  readonly number: number;
  private readonly controller = new AbortController();
  private readonly host: HostProxy;

  constructor(
    private readonly start: Start,
    private readonly post: Post,
  ) {
    this.number = start.run;
    this.host = new HostProxy(start.run, post);
  }

  /** Never rejects: how it ended is posted. */
  async run(): Promise<void> {
    const run = this.number;
    try {
      const json = storableJson(await this.handle(this.start.task), this.start.task.resultMaxBytes);
      this.post({ run, kind: 'result', json });
    } catch (error) {
      this.post({ run, kind: 'failure', failure: packed(error) });
    }
  }

  take(message: Exclude<ToThread, { kind: 'run' }>): void {
    if (message.kind === 'abort') this.controller.abort(unpacked(message.reason));
    else this.host.settle(message);
  }

  private async handle(task: ThreadTask): Promise<unknown> {
    const operation = operationOf(await operationsIn(task.module, task.taskType), task.payload);
    const input = inputOf(operation, task.payload);
    const facts = { ...task, signal: this.controller.signal };
    return operation.handle(input, handlerContext(facts, this.host.calls(this.start.methods), task));
  }
}

const isSkill = (value: unknown): value is Skill =>
  typeof value === 'object' && value !== null && 'taskType' in value && 'operations' in value;

const loaded = async (module: string): Promise<object> => {
  try {
    return (await import(module)) as object;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new TaskError('handler_crashed', `The module of the skill cannot be loaded in a thread: ${text}`);
  }
};

/** The operations of the skill that a module exports. Each thread loads the module once. */
const operationsIn = async (module: string, taskType: TaskType): Promise<ReadonlyMap<string, Operation>> => {
  const skills = Object.values(await loaded(module)).filter(isSkill);
  const operations = skills.find((skill) => skill.taskType === taskType)?.operations ?? [];
  return new Map(operations.map((operation) => [operation.name, operation]));
};
