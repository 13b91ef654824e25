// Workflows: what a definition says, and what the API shows of definitions and of their runs.
import { z } from 'zod';

import { TaskType } from '../agents.js';
import { Instant } from '../instant.js';
import { boundedObject, boundedValue, ConcurrencyKey, Priority, TaskStatus, UniqueKey } from '../tasks.js';
import { plainText } from '../json.js';
import { approvalLimits, approvalRules } from './approvals.js';
import { exportable } from './exports.js';
import { maxPage } from './tasks.js';
import { SignalName } from './waits.js';

/** Most steps of a definition, items of one map, and tasks of one run. */
export const workflowLimits = { steps: 200, items: 10_000, parallel: 1_000, expressions: 50 } as const;

const workflowNameText = 'A small letter, then small letters, digits and hyphens, 63 at most';
export const workflowName = /^[a-z][a-z0-9-]{0,62}$/;

export const WorkflowName = z
  .string()
  .regex(workflowName, workflowNameText)
  .meta({ description: workflowNameText, examples: ['monthly-figures'] });
export type WorkflowName = z.infer<typeof WorkflowName>;

const referenceShape = /^[a-z][a-z0-9-]{0,62}(@[1-9]\d{0,8})?$/;

/** A stored workflow: its latest version, or the one after the `@`. */
export const WorkflowReference = z
  .string()
  .regex(referenceShape, `${workflowNameText}, and then perhaps @ and a version`)
  .meta({ examples: ['monthly-figures', 'monthly-figures@3'] });
export type WorkflowReference = z.infer<typeof WorkflowReference>;

/** The parts of a reference; without a version it names the latest one. */
export const workflowReference = (reference: WorkflowReference): { name: string; version?: number } => {
  const [name = '', version] = reference.split('@');
  return version === undefined ? { name } : { name, version: Number(version) };
};

const stepNameText = 'A small letter, then up to 39 small letters, digits and underscores';

export const StepName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, stepNameText)
  .meta({ description: stepNameText, examples: ['ingest'] });
export type StepName = z.infer<typeof StepName>;

const maxExpressionBytes = 1_024;

export const Expression = plainText(maxExpressionBytes)
  .min(1)
  .refine((text) => new TextEncoder().encode(text).length <= maxExpressionBytes, 'At most 1 KB')
  .meta({
    description: 'CEL (cel.dev), without `matches`, over `inputs`, `steps`, `run`, and in a map `item` and `index`',
  });

const templateText =
  'JSON in which an object `{"$path": "<RFC 9535>"}`, `{"$cel": "<CEL>"}` or `{"$artifact": "<step>/<file>"}` stands for what it finds';

/** A list, or an expression that gives one. */
const MapOver = z
  .union([z.array(boundedValue('An item')).max(workflowLimits.items), boundedObject(templateText)])
  .meta({ description: 'A list, or an expression that gives one' });

export const OnFailure = z
  .union([z.enum(['fail', 'continue']), z.strictObject({ tolerate: z.int().min(1).max(workflowLimits.items) })])
  .meta({
    description:
      '`fail` ends the run, and what is still open is cancelled; `continue` goes on as if the step were done; `tolerate` ' +
      'accepts that many failed items of a map',
  });
export type OnFailure = z.infer<typeof OnFailure>;

const aYearS = 365 * 24 * 3_600;

const StepBase = {
  name: StepName,
  needs: z.array(StepName).max(workflowLimits.steps).default([]).meta({ description: 'Steps that come before' }),
  when: Expression.optional().meta({ description: 'CEL; when it is false the step is skipped, which counts as done' }),
  on_failure: OnFailure.default('fail'),
};

/** A key, or an expression that gives one. */
const StepKey = z
  .union([ConcurrencyKey.shape.key, boundedObject(templateText)])
  .meta({ description: 'Text, or an expression that gives it' });

const ofTasks = {
  map: z
    .strictObject({ over: MapOver, max_parallel: z.int().min(1).max(workflowLimits.parallel).default(100) })
    .optional()
    .meta({ description: 'One task for each item; `item` and `index` are there in its expressions' }),
  retry: z
    .strictObject({ max_attempts: z.int().min(1).max(20) })
    .optional()
    .meta({ description: 'Attempts of each task: fewer than its type allows, not more' }),
  deadline_s: z.int().min(1).max(aYearS).optional().meta({ description: 'Of each task, from when it is submitted' }),
  priority: Priority.optional().meta({ description: 'That of the run without it' }),
  concurrency: ConcurrencyKey.extend({ key: StepKey })
    .optional()
    .meta({ description: 'Of the tasks of the tenant with one key so many run at a time' }),
  unique: UniqueKey.extend({ key: StepKey })
    .optional()
    .meta({
      description:
        'Of the tasks of the tenant with one key there is one in a window of time. With an earlier task that stands for it ' +
        'the step ends as that one ends, and has its result',
    }),
};

/** A task of any agent. */
export const TaskStep = z.strictObject({
  ...StepBase,
  ...ofTasks,
  task_type: TaskType,
  payload: boundedObject(`Input of the agent. ${templateText}`),
});

/** Another workflow, as a task of its own. */
export const SubWorkflowStep = z.strictObject({
  ...StepBase,
  ...ofTasks,
  workflow: WorkflowReference,
  inputs: boundedObject(templateText).default({}),
});

/** Nothing happens until the time has come, or a signal. */
export const WaitStep = z.strictObject({
  ...StepBase,
  wait: z.union([
    z.strictObject({ for_s: z.int().min(1).max(aYearS) }),
    z.strictObject({ until: z.union([Instant, boundedObject(templateText)]) }),
    z.strictObject({
      signal: SignalName.meta({
        description:
          'Sent to the task of the run with `POST /api/v1/tasks/{id}/signals/{name}`, also before the step begins. Each signal ' +
          'goes to one step. Its `result` has `name`, `body`, `sent_by` and `received_at`',
      }),
      within_s: z
        .int()
        .min(1)
        .max(aYearS)
        .optional()
        .meta({ description: 'The step fails when none has come by then' }),
    }),
  ]),
});

/** Persons decide whether the run goes on. */
export const ApprovalStep = z.strictObject({
  ...StepBase,
  approval: z.strictObject({
    title: plainText(approvalLimits.title).min(1).meta({ description: 'One line' }),
    arguments: boundedObject(`What is to be approved, exactly. ${templateText}`).default({}),
    ...approvalRules,
  }),
});

export const WorkflowStep = z.union([TaskStep, SubWorkflowStep, WaitStep, ApprovalStep]).meta({ id: 'WorkflowStep' });
export type WorkflowStep = z.infer<typeof WorkflowStep>;

/** The signal that a step waits for. */
export const awaitedSignal = (step: WorkflowStep): string | undefined =>
  'wait' in step && 'signal' in step.wait ? step.wait.signal : undefined;

export const inputTypes = ['string', 'number', 'integer', 'boolean', 'object', 'array'] as const;

export const WorkflowInput = z
  .strictObject({
    type: z.enum(inputTypes),
    description: plainText(500).optional(),
    default: boundedValue('Without one the input must be given').optional(),
  })
  .meta({ id: 'WorkflowInput' });
export type WorkflowInput = z.infer<typeof WorkflowInput>;

export const WorkflowDefinition = z
  .strictObject({
    description: plainText(1_000).optional(),
    inputs: z.record(StepName, WorkflowInput).default({}),
    steps: z.array(WorkflowStep).min(1).max(workflowLimits.steps),
    output: boundedObject(
      `Result of the run. ${templateText}. Without it: each step with its status and task`,
    ).optional(),
  })
  .meta({
    id: 'WorkflowDefinition',
    example: {
      inputs: { url: { type: 'string' } },
      steps: [
        {
          name: 'ingest',
          task_type: 'data_pipeline',
          payload: { operation: 'ingest', dataset: 'sales', source: { url: { $path: '$.inputs.url' } } },
        },
        {
          name: 'total',
          needs: ['ingest'],
          when: 'steps.ingest.result.rows_ok > 0',
          task_type: 'analytics',
          payload: { operation: 'query', sql: 'select 1', data: [] },
        },
      ],
    },
  });
export type WorkflowDefinition = z.infer<typeof WorkflowDefinition>;

export const WorkflowProblem = z
  .object({
    pointer: z.string().meta({ description: 'JSON Pointer into the definition' }),
    code: z.string(),
    detail: z.string(),
  })
  .meta({ id: 'WorkflowProblem' });
export type WorkflowProblem = z.infer<typeof WorkflowProblem>;

/** What a definition would do, without doing it. */
export const WorkflowPlan = z
  .object({
    ok: z.boolean(),
    problems: z.array(WorkflowProblem),
    levels: z.array(z.array(z.string())).meta({ description: 'Steps that may run side by side, level by level' }),
    tasks: z.object({ least: z.int(), most: z.int() }).meta({
      description: 'Tasks that a run submits; a map over a list that is not known yet counts as up to its limit',
    }),
    unchecked: z
      .array(z.string())
      .meta({ description: 'Steps whose payload is checked only when their task is submitted' }),
    signals: z.array(z.string()).meta({ description: 'Signals that a run waits for' }),
  })
  .meta({ id: 'WorkflowPlan' });
export type WorkflowPlan = z.infer<typeof WorkflowPlan>;

const versionFields = {
  version: z.int(),
  hash: z.string().meta({ description: 'SHA-256 of the definition, hexadecimal' }),
  made_at: z.iso.datetime(),
  made_by: z.string().meta({ description: 'Id of an API key, or subject of a token' }),
};

export const WorkflowVersion = z.object(versionFields).meta({ id: 'WorkflowVersion' });
export type WorkflowVersion = z.infer<typeof WorkflowVersion>;

export const WorkflowSummary = z
  .object({ name: z.string(), ...versionFields, description: z.string().nullable(), steps: z.int() })
  .meta({ id: 'WorkflowSummary' });
export type WorkflowSummary = z.infer<typeof WorkflowSummary>;

/** Names of one tenant, and versions of one name. */
export const maxWorkflows = 500;
export const maxWorkflowVersions = 1_000;

export const WorkflowList = z.object({ workflows: z.array(WorkflowSummary) }).meta({ id: 'WorkflowList' });
export type WorkflowList = z.infer<typeof WorkflowList>;

export const WorkflowView = z
  .object({
    name: z.string(),
    ...versionFields,
    definition: WorkflowDefinition,
    versions: z.array(WorkflowVersion).meta({ description: 'The newest 50, newest first' }),
  })
  .meta({ id: 'Workflow' });
export type WorkflowView = z.infer<typeof WorkflowView>;

const VersionNumber = z.coerce.number().int().min(1).max(999_999_999);

export const WorkflowVersionQuery = z.strictObject({
  version: VersionNumber.optional().meta({ description: 'The latest without it' }),
});
export type WorkflowVersionQuery = z.infer<typeof WorkflowVersionQuery>;

export const WorkflowDiffQuery = z.strictObject({ from: VersionNumber, to: VersionNumber });
export type WorkflowDiffQuery = z.infer<typeof WorkflowDiffQuery>;

const Patch = z
  .array(z.object({ op: z.string(), path: z.string(), value: z.unknown().optional() }))
  .meta({ description: 'JSON Patch (RFC 6902)' });

export const WorkflowDiff = z
  .object({
    from: z.int(),
    to: z.int(),
    added: z.array(z.string()),
    removed: z.array(z.string()),
    changed: z.array(z.object({ step: z.string(), patch: Patch })),
    rest: Patch.meta({ description: 'JSON Patch of all but the steps' }),
  })
  .meta({ id: 'WorkflowDiff' });
export type WorkflowDiff = z.infer<typeof WorkflowDiff>;

export const stepKinds = ['task', 'workflow', 'wait', 'approval'] as const;

export const stepStatuses = ['pending', 'running', 'completed', 'failed', 'skipped', 'cancelled'] as const;
export const StepStatus = z.enum(stepStatuses);
export type StepStatus = z.infer<typeof StepStatus>;

export const GraphNode = z
  .object({
    name: z.string(),
    kind: z.enum(stepKinds),
    label: z.string().meta({ description: 'What it does: a task type and its operation, a workflow, or a wait' }),
    is_map: z.boolean(),
    has_condition: z.boolean(),
    level: z.int(),
    status: StepStatus.optional(),
  })
  .meta({ id: 'WorkflowGraphNode' });
export type GraphNode = z.infer<typeof GraphNode>;

export const WorkflowGraph = z
  .object({
    nodes: z.array(GraphNode),
    edges: z.array(z.object({ from: z.string(), to: z.string() })),
    mermaid: z.string(),
    svg: z.string(),
  })
  .meta({ id: 'WorkflowGraph' });
export type WorkflowGraph = z.infer<typeof WorkflowGraph>;

const NullableTime = z.iso.datetime().nullable();

export const RunStep = z
  .object({
    name: z.string(),
    kind: z.enum(stepKinds),
    status: StepStatus,
    is_map: z.boolean(),
    total: z.int().nullable().meta({ description: 'Tasks that it has; null until it starts' }),
    started: z.int(),
    completed: z.int(),
    failed: z.int(),
    task_id: z.uuid().nullable().meta({ description: 'Its task, when it has just one' }),
    reused: z.boolean().meta({ description: 'Its results are those of an earlier run' }),
    started_at: NullableTime,
    ended_at: NullableTime,
    wakes_at: NullableTime.meta({ description: 'Of a wait: when it ends, or is given up' }),
    signal: z.string().nullable().meta({ description: 'Name of the signal that it waits for' }),
    code: z.string().nullable().meta({ description: 'Why it failed' }),
    detail: z.string().nullable(),
  })
  .meta({ id: 'RunStep' });
export type RunStep = z.infer<typeof RunStep>;

const runFields = {
  task_id: z.uuid().meta({ description: 'Of the task of type `orchestration` that is the run' }),
  workflow: z.string().nullable().meta({ description: 'Null: the definition was given inline' }),
  version: z.int().nullable(),
  status: TaskStatus,
  created_at: z.iso.datetime(),
  ended_at: NullableTime,
  rerun_of: z.uuid().nullable(),
};

export const RunSummary = z.object(runFields).meta({ id: 'RunSummary' });
export type RunSummary = z.infer<typeof RunSummary>;

export const RunQuery = z.strictObject({
  workflow: WorkflowName.optional(),
  limit: z.coerce.number().int().min(1).max(maxPage).default(50),
  cursor: plainText(200).optional(),
  ...exportable,
});
export type RunQuery = z.infer<typeof RunQuery>;

const nextCursor = z.string().nullable().meta({ description: 'Send as `cursor` for the next page; null at the end' });

export const RunPage = z.object({ runs: z.array(RunSummary), next_cursor: nextCursor }).meta({ id: 'RunPage' });
export type RunPage = z.infer<typeof RunPage>;

export const RunView = z
  .object({
    ...runFields,
    inputs: z.record(z.string(), z.unknown()),
    steps: z.array(RunStep),
    graph: WorkflowGraph.pick({ nodes: true, edges: true }),
  })
  .meta({ id: 'Run' });
export type RunView = z.infer<typeof RunView>;

export const StepTask = z
  .object({
    index: z.int(),
    task_id: z.uuid().nullable().meta({ description: 'Null: its submission was refused' }),
    status: z.enum(['open', 'completed', 'failed', 'cancelled']),
    code: z.string().nullable(),
  })
  .meta({ id: 'StepTask' });
export type StepTask = z.infer<typeof StepTask>;

export const StepTaskQuery = z.strictObject({
  status: z.enum(['open', 'completed', 'failed', 'cancelled']).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.coerce.number().int().min(0).optional().meta({ description: 'From this index on' }),
});
export type StepTaskQuery = z.infer<typeof StepTaskQuery>;

export const StepTaskPage = z
  .object({
    tasks: z.array(StepTask),
    next_cursor: z.int().nullable().meta({ description: 'Send as `cursor` for the next page; null at the end' }),
  })
  .meta({ id: 'StepTaskPage' });
export type StepTaskPage = z.infer<typeof StepTaskPage>;

/** What of an earlier run is to be done again; everything else keeps its results. */
export const RerunOrder = z
  .union([
    z.strictObject({ from: StepName.meta({ description: 'This step, and all that come after it' }) }),
    z.strictObject({
      failed_of: StepName.meta({ description: 'The failed items of this map, and all that come after it' }),
    }),
  ])
  .meta({ id: 'RerunOrder', example: { from: 'total' } });
export type RerunOrder = z.infer<typeof RerunOrder>;
