import { operation, type RunOrder, skillErrors } from '@pulser/agent-runtime/skill';
import { StepName, WorkflowDefinition, WorkflowReference } from '@pulser/contracts';
import { z } from 'zod';

const Rerun = z.union([
  z.strictObject({ run: z.uuid(), from: StepName.describe('This step and all that come after it are done again') }),
  z.strictObject({
    run: z.uuid(),
    failed_of: StepName.describe('The failed items of this map are, and what comes after'),
  }),
]);

/** What `run` takes: a stored workflow, a definition, or an earlier run. */
const RunInput = z
  .strictObject({
    operation: z.literal('run'),
    workflow: WorkflowReference.optional(),
    definition: WorkflowDefinition.optional(),
    inputs: z.record(z.string(), z.unknown()).default({}),
    rerun: Rerun.optional().describe('What of an earlier run is done again; the rest keeps its results'),
  })
  .refine(
    ({ workflow, definition, rerun }) => [workflow, definition, rerun].filter((one) => one !== undefined).length === 1,
    { message: 'One of workflow, definition and rerun', path: ['workflow'] },
  );

export const runErrors = skillErrors({
  workflow_not_found: { permanent: true },
  invalid_workflow: { permanent: true },
  invalid_inputs: { permanent: true },
  run_not_found: { permanent: true },
  nesting_too_deep: { permanent: true },
  // Of runs that began.
  step_failed: { permanent: true },
  submitter_gone: { permanent: true },
});

const orderOf = ({ workflow, definition, inputs, rerun }: z.output<typeof RunInput>): RunOrder => ({
  inputs,
  ...(workflow !== undefined && { workflow }),
  ...(definition !== undefined && { definition }),
  ...(rerun !== undefined && {
    rerun: 'from' in rerun ? { run: rerun.run, from: rerun.from } : { run: rerun.run, failedOf: rerun.failed_of },
  }),
});

export const run = operation({
  name: 'run',
  summary: 'A workflow: steps of any agents in the order of what they need, as tasks of their own',
  input: RunInput,
  takesOver: true,
  example: {
    operation: 'run',
    definition: {
      steps: [
        {
          name: 'look',
          task_type: 'analytics',
          payload: { operation: 'query', sql: 'select 42 as answer', sources: [] },
        },
      ],
    },
  },
  errors: runErrors,
  inline: true,
  handle: async (input, { beginRun }) => {
    const { code, message, details } = await beginRun(orderOf(input));
    throw runErrors.error(code, message, { ...(details !== undefined && { details: { ...details } }) });
  },
});
