// The test kit for writers of skills: runs one operation as a worker would, without database, broker or threads.
import type { LogLevel, ToolCallReply } from '@pulser/contracts';
import { TaskError } from '@pulser/contracts';
import type { EffectState, FinishedTask } from '@pulser/context-bus';
import { outgoingEnv, type OutgoingSettings, outgoingSettingsOf } from '@pulser/outgoing';
import { z } from 'zod';

import { taskLimits } from '../agent/agent-profile.js';
import { failureOf } from '../attempt/next-step.policy.js';
import { Attempt } from '../context/attempt.js';
import { handlerContext, type HostCalls } from '../context/handler-context.js';
import { Redaction } from '../context/redaction.policy.js';
import {
  type FoundSecret,
  noSecrets,
  secretCall,
  secretUnavailable,
  withoutSecretsIn,
} from '../context/secret-calls.js';
import { handled } from '../skills/approval-gate.js';
import { checkArtifact, operationOf, storableJson, usualSizes } from '../skills/payload-and-result.js';
import type { Skill } from '../skills/skill.js';
import type { TaskContext } from '../skills/task-context.js';
import { pageOf } from './finished-tasks.js';
import { memoryKit, MemoryOfTests } from './memory-kit.js';
import { type GivenData, type KeptDataset, RecordedData } from './recorded-data.js';
import { type GivenEvents, type OrderedChild, type SuspendedRun, WaitingOfTests } from './waiting-kit.js';

export { MemoryOfTests };

export type EffectsOfTask = Map<string, EffectState>;

export interface RunOptions extends GivenEvents {
  /** 1 without. */
  readonly attempt?: number;
  /** Aborts the attempt with its reason, as a cancellation does. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the task's own deadline; without, only the time limit of the task type counts. */
  readonly deadlineMs?: number;
  /** Effects of earlier attempts; those of this one are added. One map for several runs makes them attempts of one task. */
  readonly effects?: EffectsOfTask;
  /** What the agent remembers; that of this run is added. Without, it begins with nothing. Embedded by MiniLM as in a worker. */
  readonly memory?: MemoryOfTests;
  /**
   * What the operation may open, by reference: `dataset:sales`, `dataset:sales@3`, `artifact:<task id>/rows.csv`,
   * `upload:<sha256>`. One without a version is version 1.
   */
  readonly data?: Readonly<Record<string, GivenData>>;
  /** What tasks may ask over HTTP; without, public addresses at the usual ports. */
  readonly outgoing?: Partial<OutgoingSettings>;
  /** Settings of the tenant by name. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Secrets of the tenant by name, for operations that declare that they use them. */
  readonly secrets?: Readonly<Record<string, FoundSecret>>;
  /** What the tenant's tasks have come to, in any order; none without. */
  readonly finishedTasks?: readonly FinishedTask[];
  /** Tools of MCP servers by name, with what they answer; there are no others. */
  readonly tools?: Readonly<
    Record<string, (given: Payload) => Promise<Readonly<Record<string, unknown>>> | Readonly<Record<string, unknown>>>
  >;
  /** Answers what the operation asks about the tenant's tasks; without, every question fails. */
  readonly telemetry?: TaskContext['telemetry'];
  /** 4 MiB without. */
  readonly resultMaxBytes?: number;
  /** 16 MiB without. */
  readonly artifactMaxBytes?: number;
}

/** What an operation returned, and what it did on the way. */
export interface OperationRun {
  /** As the database keeps it: what JSON drops is gone. Undefined when it is suspended. */
  readonly result: unknown;
  /** What it waits for; undefined: it has ended. */
  readonly suspended: SuspendedRun | undefined;
  /** By key. */
  readonly children: ReadonlyMap<string, OrderedChild>;
  readonly logs: readonly {
    readonly level: LogLevel;
    readonly message: string;
    readonly fields?: Readonly<Record<string, unknown>>;
  }[];
  readonly progress: readonly { readonly percent: number; readonly message?: string }[];
  /** By name; a later one replaces an earlier one. */
  readonly artifacts: ReadonlyMap<string, { readonly mediaType: string; readonly content: Buffer }>;
  /** Versions that it kept, by the name of the dataset. */
  readonly datasets: ReadonlyMap<string, KeptDataset>;
  /** References that it opened, as a worker records them: with versions. */
  readonly opened: readonly string[];
  /** By key, those of earlier attempts included. */
  readonly effects: ReadonlyMap<string, EffectState>;
}

export type { GivenData, KeptDataset } from './recorded-data.js';
export type { ChildOfTests, GivenEvents, OrderedChild, SuspendedRun } from './waiting-kit.js';

type Payload = Readonly<Record<string, unknown>>;

/** They take any arguments, and change something. */
const toolsOf = ({ tools = {} }: RunOptions) =>
  Object.keys(tools).map((name) => ({
    ...{ name, server: name.split('__')[0] ?? '', title: null, description: name, flag: 'write' as const },
    ...{
      needs_approval: false,
      agents: [],
      not_configured: null,
      input_schema: { type: 'object' },
      output_schema: null,
    },
  }));

const noTool = (tool: string): ToolCallReply => ({
  ok: false,
  error: { code: 'unknown_tool', message: `There is no tool ${tool}`, call_id: null },
});

/**
 * Runs the operation that the payload names, in this thread. The payload is checked by the operation's schema, and ends,
 * errors and sizes are those of a worker.
 * @throws TaskError what would be the error of the attempt, its `cause` what the handler threw; or the reason of an abort
 */
export const runOperation = async (skill: Skill, payload: Payload, options: RunOptions = {}): Promise<OperationRun> => {
  const attempt = attemptOf(skill, payload, options);
  const stopForwarding = forwardAbort(options.signal, attempt);
  const recorder = new Recorder(options);
  const redaction = new Redaction();
  attempt.start();
  try {
    const calls = withSecrets(skill, attempt, recorder.calls, redaction, options.secrets ?? {});
    const result = await attempt.race(handle(skill, attempt, calls, sizesOf(options).resultMaxBytes));
    return recorder.ended(redaction.value(result));
  } catch (error) {
    if (recorder.isSuspended && !attempt.signal.aborted) return recorder.ended(undefined);
    const thrown = redaction.thrown(error);
    if (thrown instanceof TaskError || attempt.signal.aborted) throw thrown;
    throw new TaskError('handler_failed', failureOf(thrown).message, { cause: thrown });
  } finally {
    stopForwarding();
    attempt.end();
  }
};

const sizesOf = ({ resultMaxBytes, artifactMaxBytes }: RunOptions): Record<keyof typeof usualSizes, number> => ({
  resultMaxBytes: resultMaxBytes ?? usualSizes.resultMaxBytes,
  artifactMaxBytes: artifactMaxBytes ?? usualSizes.artifactMaxBytes,
});

// Fixed, so that idempotency keys are the same in every run.
const tenantId = '0198c7a0-0000-7000-8000-000000000001';
const taskId = '0198c7a0-0000-7000-8000-000000000002';

const attemptOf = (skill: Skill, payload: Payload, { attempt = 1, deadlineMs }: RunOptions): Attempt => {
  const { taskType } = skill;
  const claim = {
    tenantId,
    taskId,
    epoch: attempt,
    attempt,
    maxAttempts: attempt,
    deadlineInMs: deadlineMs ?? null,
    waitedMs: 0,
    priority: 'medium' as const,
    // A message cannot carry more.
    payload: JSON.parse(JSON.stringify(payload)) as Record<string, unknown>,
    parentId: null,
    concurrencyKey: null,
  };
  const dispatch = { tenant_id: tenantId, task_id: taskId, task_type: taskType, dispatch_id: attempt };
  return new Attempt(claim, dispatch, taskLimits(taskType, skill).timeLimitMs);
};

const forwardAbort = (signal: AbortSignal | undefined, attempt: Attempt): (() => void) => {
  const abort = (): void => {
    attempt.abort(signal?.reason as Error);
  };
  if (signal?.aborted === true) abort();
  signal?.addEventListener('abort', abort);
  return () => signal?.removeEventListener('abort', abort);
};

const withSecrets = (
  skill: Skill,
  { payload }: Attempt,
  calls: Omit<HostCalls, 'secret'>,
  redaction: Redaction,
  secrets: NonNullable<RunOptions['secrets']>,
): HostCalls => {
  const named = skill.operations.find(({ name }) => name === payload['operation']);
  if (named?.secrets !== true) return { ...calls, secret: noSecrets };
  const find = (name: string): Promise<FoundSecret> => {
    const found = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
    return found === undefined
      ? Promise.reject(secretUnavailable(`There is no secret ${name}`, 'not_found'))
      : Promise.resolve(found);
  };
  return withoutSecretsIn({ ...calls, secret: secretCall(find, redaction) }, redaction);
};

const handle = async (skill: Skill, attempt: Attempt, calls: HostCalls, resultMaxBytes: number): Promise<unknown> => {
  const operation = operationOf(new Map(skill.operations.map((one) => [one.name, one])), attempt.payload);
  const context = handlerContext(attempt, calls, { resultMaxBytes, maxEvents: Infinity });
  const result = await handled(operation, attempt.payload, context);
  return JSON.parse(storableJson(result, resultMaxBytes)) as unknown;
};

const usualOutgoing = outgoingSettingsOf(z.object(outgoingEnv).parse({}));

const noTelemetry = (): Promise<never> =>
  Promise.reject(new Error('The operation asks for telemetry: give runOperation the option telemetry'));

/** Keeps what a worker would write. */
class Recorder {
  private readonly recorded: Omit<OperationRun, 'result' | 'suspended' | 'children'>;
  private readonly waiting: WaitingOfTests;
  readonly calls: Omit<HostCalls, 'secret'>;

  constructor(options: RunOptions) {
    const logs: OperationRun['logs'][number][] = [];
    const progress: OperationRun['progress'][number][] = [];
    const artifacts = new Map<string, { mediaType: string; content: Buffer }>();
    const effects = options.effects ?? new Map<string, EffectState>();
    const data = new RecordedData(options.data ?? {}, artifacts);
    this.waiting = new WaitingOfTests(options);
    this.recorded = { logs, progress, artifacts, effects, datasets: data.datasets, opened: data.opened };
    this.calls = {
      ...memoryKit(options.memory ?? new MemoryOfTests()),
      ...data.calls,
      ...this.waiting.calls,
      log: (level, message, fields) => void logs.push({ level, message, ...(fields && { fields }) }),
      progress: (percent, message) => void progress.push({ percent, ...(message !== undefined && { message }) }),
      artifact: async (name, mediaType, content) => {
        checkArtifact(name, mediaType, content, sizesOf(options).artifactMaxBytes);
        artifacts.set(name, { mediaType, content: Buffer.from(content) });
        return Promise.resolve();
      },
      mayAsk: () => Promise.resolve(true),
      answered: () => Promise.resolve(),
      outgoing: () => Promise.resolve({ ...usualOutgoing, ...options.outgoing }),
      setting: (name) => Promise.resolve(options.settings?.[name]),
      beginEffect: (key) => {
        const known = effects.get(key) ?? { finished: false };
        effects.set(key, known);
        return Promise.resolve(known);
      },
      finishEffect: (key, json) => {
        effects.set(key, { finished: true, result: JSON.parse(json) as unknown });
        return Promise.resolve();
      },
      finishedTasks: (query) => Promise.resolve(pageOf(options.finishedTasks ?? [], query)),
      telemetry: options.telemetry ?? noTelemetry,
      callTool: async ({ tool, arguments: given }) => {
        const answer = options.tools?.[tool];
        if (answer === undefined) return noTool(tool);
        return { ok: true, result: { call_id: taskId, content: [], structured: { ...(await answer(given)) } } };
      },
      listTools: (names) => Promise.resolve(toolsOf(options).filter(({ name }) => names.includes(name))),
      findTools: (_query, limit) =>
        Promise.resolve(
          toolsOf(options)
            .slice(0, limit)
            .map(({ name, description, flag, needs_approval, input_schema }) => ({
              name,
              description,
              flag,
              needs_approval,
              input_schema,
            })),
        ),
      beginRun: () => Promise.reject(new Error('A run needs the tables of a worker')),
    };
  }

  get isSuspended(): boolean {
    return this.waiting.suspended !== undefined;
  }

  /** Of one that is suspended no result counts. */
  ended(result: unknown): OperationRun {
    const { suspended, children } = this.waiting;
    return { ...this.recorded, result: suspended === undefined ? result : undefined, suspended, children };
  }
}
