import type {
  FinishedTaskPage,
  FinishedTaskQuery,
  TelemetryAnswers,
  TelemetryQuestion,
  TelemetryView,
} from '@pulser/context-bus';
import type { LogLevel, MemoryTrust, SettingName, SubmitTask, TaskType } from '@pulser/contracts';
import type { OutgoingSettings } from '@pulser/outgoing/client';

import type { TaskTools } from './task-tools.js';
import type { WaitFor, WaitOutcome } from './task-waits.js';

export type {
  ApprovalOutcome,
  ChildEnd,
  FinishedTask,
  FinishedTaskPage,
  FinishedTaskQuery,
  TakenSignal,
  TelemetryAnswers,
  TelemetryQuestion,
  TelemetryView,
} from '@pulser/context-bus';

/** A run of a workflow that a task is to be. */
export interface RunOrder {
  /** A stored one: its name, perhaps with a version. */
  readonly workflow?: string;
  readonly definition?: unknown;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** What of an earlier run is done again; the rest keeps its results. */
  readonly rerun?: { readonly run: string } & ({ readonly from: string } | { readonly failedOf: string });
}

export type RunRefusal =
  'workflow_not_found' | 'invalid_workflow' | 'invalid_inputs' | 'run_not_found' | 'nesting_too_deep';

/** Which attempt of which task this is, and when it must stop. */
export interface AttemptFacts {
  readonly taskId: string;
  readonly tenantId: string;
  readonly taskType: TaskType;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Aborted on cancel, at the end of the attempt's time limit or deadline, and when the lease is lost. */
  readonly signal: AbortSignal;
  /** When the attempt must have ended, by the clock of this machine: of use with `Date.now()` and timers here. */
  readonly deadline: Date;
}

/** What the function of `once` gets. */
export interface Effect {
  /** The same in every attempt of the task: to be sent along, so that the outside system does the thing once. */
  readonly idempotencyKey: string;
}

/** Something to keep. The same type, subject and content is the same memory, however often it is remembered. */
export interface MemoryToKeep {
  /** What kind it is: a small letter, then up to 63 small letters, digits, underscores, dots and hyphens. */
  readonly type: string;
  /** 1 to 32,000 characters. */
  readonly content: string;
  /** Whom or what it is about, up to 200 characters: it can be forgotten by it. */
  readonly subject?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** `derived` without. */
  readonly trust?: MemoryTrust;
  /** RFC 3339; without, it is kept. */
  readonly expiresAt?: string;
  /** Whether other agents of the tenant find it too; without, only agents that run this task type do. */
  readonly shared?: boolean;
}

export interface MemoryHit {
  readonly id: string;
  readonly type: string;
  readonly content: string;
  readonly subject: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly trust: MemoryTrust;
  /** Cosine of the meanings, from 0 to 1: paraphrases mostly have 0.38 to 0.66, unrelated texts less than 0.23. Negation is not seen. */
  readonly score: number;
  /** RFC 3339, in UTC. */
  readonly createdAt: string;
}

/** A value as JSON has it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A version of a dataset, without its content. */
export interface DatasetFacts {
  readonly name: string;
  readonly version: number;
  readonly rows: number;
  readonly columns: readonly {
    readonly name: string;
    /** As DuckDB writes it. */
    readonly type: string;
  }[];
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/** Data that a handler may read from a file. */
export interface DataFile {
  /** With the version of a dataset. */
  readonly reference: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** A file that may be read until the attempt ends, and must not be changed. */
  readonly path: string;
  /** Where the reference names a dataset: then the file is Parquet. */
  readonly dataset?: DatasetFacts;
}

/** A Parquet file that is to be kept as the next version of a dataset. */
export interface DatasetDraft {
  /** Where the file is; it may be removed when the version is kept. */
  readonly path: string;
  readonly rows: number;
  /** Rows of the source that are not in it: its rows are these and the rejected ones. */
  readonly rejected: number;
  readonly columns: DatasetFacts['columns'];
  /** The first rows, a hundred at most, each in the order of the columns. Cells beyond 2,000 characters are cut. */
  readonly preview: readonly (readonly Json[])[];
  /** What else is to be shown of the version. */
  readonly report?: Json;
}

/** A task that another one wants done: what a client would send to `POST /api/v1/tasks`. */
export type ChildOrder = Pick<SubmitTask, 'task_type' | 'payload'> & Partial<SubmitTask>;

/**
 * What a handler may do while it runs. Everything here is fenced: after a lost lease it does nothing. Its functions may be
 * taken out of it (`{ log, progress }`).
 *
 * A new function is declared here and implemented in `context/attempt-host.ts`; threads find it by its name. Its
 * arguments and its result are data that structured clone can copy.
 */
export interface TaskContext extends AttemptFacts {
  /** Adds a line to the task's event stream. */
  readonly log: (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** @param percent from 0 to 100 */
  readonly progress: (percent: number, message?: string) => void;
  /** Keeps a file with the task. @throws TaskError `result_too_large` beyond the configured size */
  readonly artifact: (name: string, mediaType: string, content: Uint8Array) => Promise<void>;
  /** What an operator lets tasks ask over HTTP: a handler makes its `OutgoingClient` of it (`@pulser/outgoing/client`). */
  readonly outgoing: () => Promise<OutgoingSettings>;
  /**
   * Whether a host may be asked that a task names: false when its last answers to the tenant's tasks failed, for a while.
   * Then the handler fails, to be tried again later. Not for operations that find out how a host is.
   * @param origin scheme, host and port
   */
  readonly mayAsk: (origin: string) => Promise<boolean>;
  /** What became of it: false when no answer came, or one that says that the host cannot answer. */
  readonly answered: (origin: string, isUp: boolean) => Promise<void>;
  /** A setting of the tenant as its administrators made it, or undefined: then its default holds. */
  readonly setting: (name: SettingName) => Promise<unknown>;
  /**
   * The value of a secret of the tenant, to be sent to a URL that the secret allows. Only for operations that declare
   * `secrets: true`. From then on the worker takes it out of everything that the handler returns, throws, logs or keeps;
   * that is no leave to put it there.
   * @throws TaskError `secret_unavailable`
   */
  readonly secret: (name: string, url: string) => Promise<string>;
  /**
   * Does something outside that must not be done twice. That it begins is on disk before `effect` runs, and what it
   * returned once it has: a later attempt of the task gets that and does not run `effect` again. When an attempt died in
   * between, `effect` runs again with the same idempotency key, which the outside system (or the caller, by asking it)
   * must use to recognise that the thing is done already. Calls of one key in one attempt share one run; what `effect`
   * throws is thrown, and nothing counts as done.
   * @param key names the effect within the task: 1 to 200 characters
   * @returns what `effect` returned, as JSON keeps it
   * @throws TaskError `result_too_large` beyond the configured size of results; LeaseLost when the task was taken away
   */
  readonly once: <T>(key: string, effect: (effect: Effect) => Promise<T>) => Promise<T>;
  /**
   * Submits a task as a child of this one, once for each key, in the name of whoever submitted the first ancestor and with
   * the rights that they have now. Children that are open when this task fails or is cancelled are cancelled with it; when
   * it completes they go on.
   * @param key names it among the children of this task: 1 to 200 characters
   * @returns its id, the same in every attempt
   * @throws TaskError `child_refused` with the reason in its details; LeaseLost when the task was taken away
   */
  readonly child: (key: string, order: ChildOrder) => Promise<string>;
  /**
   * What happened, if it has. Otherwise it throws, this run of the handler ends and its slot is free; once it has happened,
   * the handler **runs again from its start** (under the same attempt number), up to here and on. So everything before must
   * be the same again: results by `once`, children by their keys. Whatever the handler does after the throw counts for nothing.
   * @param key names the wait within the task: 1 to 200 characters. Its outcome is the same in every run
   * @throws TaskError `invalid_wait`
   */
  readonly waitFor: <What extends WaitFor>(key: string, what: What) => Promise<WaitOutcome<What>>;
  /** Tools of MCP servers. */
  readonly tools: TaskTools;
  /**
   * Makes the task a run of a workflow: its steps become children of it, and it completes with the last of them. Ends this
   * run of the handler, which is not called again.
   * @returns why there can be no such run
   */
  readonly beginRun: (
    order: RunOrder,
  ) => Promise<{ readonly code: RunRefusal; readonly message: string; readonly details?: object }>;
  /**
   * Opens what an input names: `dataset:<name>[@version]`, `artifact:<task id>/<name>` or `upload:<sha256>`, of the task's
   * own tenant. Recorded as lineage of the task. A dataset without a version is the latest one, and the same one in every
   * attempt of the task.
   * @throws TaskError `data_not_found`, `data_damaged`, `content_unavailable`; LeaseLost when the task was taken away
   */
  readonly openData: (reference: string) => Promise<DataFile>;
  /** Facts of a dataset without its content. No lineage. @throws TaskError `data_not_found` */
  readonly describeDataset: (reference: string) => Promise<DatasetFacts>;
  /**
   * Keeps the Parquet file at `path` as the next version of a dataset, which is made when there is none. A task makes one
   * version of a name: when an earlier attempt has made it, that one is returned and the file is not kept.
   * @param name small letters, digits, `_`, `-` and `.`, from 1 to 100, the first one a letter or a digit
   * @throws TaskError `dataset_quota_exceeded`, `content_unavailable`, `handler_failed` for what is no Parquet file; LeaseLost
   */
  readonly keepDataset: (
    name: string,
    draft: DatasetDraft,
  ) => Promise<DatasetFacts & { readonly reference: string; readonly sha256: string; readonly bytes: number }>;
  /**
   * Keeps the file at `path` as an artifact of the task, however large it is.
   * @throws TaskError `dataset_quota_exceeded`, `content_unavailable`; LeaseLost
   */
  readonly keepFile: (name: string, mediaType: string, path: string) => Promise<void>;
  /**
   * A page of the tenant's own tasks that have ended, newest first; a page looks at 5,000 rows at most. Their payloads are
   * described in 2 KB each, without what seems to be a secret.
   */
  readonly finishedTasks: (query?: FinishedTaskQuery) => Promise<FinishedTaskPage>;
  /**
   * Figures of the tenant's own tasks, by the name of a view: `throughput`, `latency`, `errors`, `depth` and `health` as the
   * API answers them (200 series at most), `dead_letters` that came between two times, and `now`: the time where the figures
   * are kept, and whose they are. Each is of its own moment.
   * @throws TaskError `invalid_payload` for a range that ends before it begins, lies ahead, or has too many steps
   */
  readonly telemetry: <View extends TelemetryView>(
    question: TelemetryQuestion<View>,
  ) => Promise<TelemetryAnswers[View]>;
  /**
   * Keeps memories of this agent (the one that owns the task type, so that its back-ups find them) in the tenant.
   * @returns their ids, in order. @throws TaskError `invalid_memory` (more than 100, or one that cannot be kept),
   * `embedding_unavailable`, `embedding_mismatch`; LeaseLost when the task was taken away
   */
  readonly remember: (memories: readonly MemoryToKeep[]) => Promise<readonly string[]>;
  /**
   * Finds memories by meaning, the nearest first: this agent's own, and those shared in the tenant.
   * @param query text of up to 4,000 characters; `limit` 1 to 100, 10 without; `minScore` 0 without
   * @throws TaskError as `remember`
   */
  readonly searchMemory: (query: {
    readonly text: string;
    readonly type?: string;
    readonly subject?: string;
    readonly limit?: number;
    readonly minScore?: number;
  }) => Promise<readonly MemoryHit[]>;
  /**
   * Forgets this agent's own memories that match every member given, of which there must be one.
   * @returns how many. @throws TaskError `invalid_memory`; LeaseLost when the task was taken away
   */
  readonly forgetMemory: (which: {
    readonly ids?: readonly string[];
    readonly type?: string;
    readonly subject?: string;
  }) => Promise<number>;
  /**
   * One vector of length 1 for each text, in order; of a long text the direction of all its passages.
   * @param texts up to 1,000, of up to 32,000 characters. 25 ms each, 400 ms a passage of a long one
   * @throws TaskError as `remember`
   */
  readonly embed: (texts: readonly string[]) => Promise<readonly (readonly number[])[]>;
}
