// One attempt inside its thread, and its host calls.
import { TaskError, type TaskType } from '@pulser/contracts';

import { handlerContext, type HostCalls, notices } from '../../context/handler-context.js';
import { handled } from '../../skills/approval-gate.js';
import { operationOf, storableJson } from '../../skills/payload-and-result.js';
import type { Operation, Skill } from '../../skills/skill.js';
import { packed, type Post, type ThreadTask, type ToThread, unpacked } from '../thread-protocol.js';
import { watchSharedObjects } from './shared-objects.js';

type Settlement = Extract<ToThread, { kind: 'answer' | 'refusal' }>;

const isBytes = (value: unknown): value is Uint8Array<ArrayBuffer> => value instanceof Uint8Array;

// Bytes are copied once, and the copy's memory leaves this thread: the handler may go on with its own.
const ownBytes = (args: readonly unknown[]): unknown[] =>
  args.map((value) => (isBytes(value) ? new Uint8Array(value) : value));

/** The host calls of one attempt inside its thread: functions that post a message, and wait for an answer if there is one. */
export class HostProxy {
  private lastCall = 0;
  private readonly pending = new Map<number, PromiseWithResolvers<unknown>>();

  constructor(
    private readonly run: number,
    private readonly post: Post,
  ) {}

  /** @param methods what the worker offers */
  calls(methods: readonly string[]): HostCalls {
    // The worker names all methods of its HostCalls.
    return Object.fromEntries(methods.map((method) => [method, this.functionOf(method)])) as unknown as HostCalls;
  }

  settle(message: Settlement): void {
    const answer = this.pending.get(message.call);
    this.pending.delete(message.call);
    if (message.kind === 'answer') answer?.resolve(message.value);
    else answer?.reject(unpacked(message.failure));
  }

  private functionOf(method: string): (...args: unknown[]) => unknown {
    return notices.has(method)
      ? (...args) => {
          this.post({ run: this.run, kind: 'notice', method, args });
        }
      : (...args) => this.ask(method, args);
  }

  private async ask(method: string, given: readonly unknown[]): Promise<unknown> {
    const call = (this.lastCall += 1);
    const args = ownBytes(given);
    const answer = Promise.withResolvers<unknown>();
    this.post(
      { run: this.run, kind: 'call', call, method, args },
      args.filter(isBytes).map(({ buffer }) => buffer),
    );
    this.pending.set(call, answer);
    return answer.promise;
  }
}

type Start = Extract<ToThread, { kind: 'run' }>;

/** One attempt inside its thread. */
export class ThreadAttempt {
  readonly number: number;
  private readonly controller = new AbortController();
  private readonly host: HostProxy;
  private spoiled = (): boolean => false;

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
      this.post({ run, kind: 'result', json, spoiled: this.spoiled() });
    } catch (error) {
      this.post({ run, kind: 'failure', failure: packed(error), spoiled: this.spoiled() });
    }
  }

  take(message: Exclude<ToThread, { kind: 'run' }>): void {
    if (message.kind === 'abort') this.controller.abort(unpacked(message.reason));
    else this.host.settle(message);
  }

  private async handle(task: ThreadTask): Promise<unknown> {
    const operations = await operationsIn(task.module, task.taskType);
    this.spoiled = watchSharedObjects();
    const operation = operationOf(operations, task.payload);
    const facts = { ...task, signal: this.controller.signal };
    return handled(operation, task.payload, handlerContext(facts, this.host.calls(this.start.methods), task));
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
