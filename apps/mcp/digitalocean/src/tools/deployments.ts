// do_app_deployment_create, do_app_deployment_get, do_app_rollback.
import { defineTool, ToolError, type ToolCallContext } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { DeploymentAnswer, deploymentView, DeploymentView, Id } from '../apps.js';
import { askDigitalOcean, type Request } from '../digitalocean.js';

const AppId = Id.describe('Id of the app');

const askForDeployment = async (call: ToolCallContext, path: string, request?: Request): Promise<DeploymentAnswer> =>
  (await askDigitalOcean(call, path, z.object({ deployment: DeploymentAnswer }), request)).deployment;

const doAppDeploymentCreate = defineTool({
  name: 'do_app_deployment_create',
  title: 'Deploy an app',
  description: 'Starts a new deployment of an app from the newest version of its sources. A repeat starts another one.',
  flag: 'write',
  input: z.object({
    app_id: AppId,
    force_build: z.boolean().default(false).describe('Whether to build without what is cached'),
  }),
  output: DeploymentView,
  examples: [{ arguments: { app_id: '4f6c71e2-1e90-4762-9fee-6cc4a0a9f2cf', force_build: true } }],
  run: async ({ app_id, force_build }, call) =>
    deploymentView(
      await askForDeployment(call, `/v2/apps/${app_id}/deployments`, { method: 'POST', body: { force_build } }),
    ),
});

const Step = z.object({
  name: z.string().nullish(),
  component_name: z.string().nullish(),
  status: z.string().nullish(),
  started_at: z.string().nullish(),
  ended_at: z.string().nullish(),
  reason: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
  get steps() {
    return z.array(Step).nullish();
  },
});
type Step = z.output<typeof Step>;

const Progressing = DeploymentAnswer.extend({
  progress: z
    .object({
      pending_steps: z.number().nullish(),
      running_steps: z.number().nullish(),
      success_steps: z.number().nullish(),
      error_steps: z.number().nullish(),
      total_steps: z.number().nullish(),
      steps: z.array(Step).nullish(),
    })
    .nullish(),
});
type Progressing = z.output<typeof Progressing>;

const StepView = z.object({
  path: z.string().describe('Names of the steps down to this one'),
  component: z.string().nullable(),
  status: z.string(),
  started_at: z.string().nullable(),
  ended_at: z.string().nullable(),
  error: z.string().nullable(),
});
type StepView = z.input<typeof StepView>;

const errorIn = ({ reason }: Step): string | null => {
  const said = [reason?.code, reason?.message].filter(Boolean).join(': ');
  return said === '' ? null : said.slice(0, 2_000);
};

const flattened = (steps: readonly Step[], above: string): StepView[] =>
  steps.flatMap((step) => {
    const path = above === '' ? (step.name ?? '') : `${above}/${step.name ?? ''}`;
    const view = {
      ...{ path, component: step.component_name ?? null, status: step.status ?? 'UNKNOWN' },
      started_at: step.started_at ?? null,
      ended_at: step.ended_at ?? null,
      error: errorIn(step),
    };
    return [view, ...flattened(step.steps ?? [], path)];
  });

const maxSteps = 500;

const latestOf = async (call: ToolCallContext, app_id: string): Promise<Progressing> => {
  const schema = z.object({ deployments: z.array(Progressing).nullish() });
  const { deployments } = await askDigitalOcean(call, `/v2/apps/${app_id}/deployments`, schema, {
    query: { page: 1, per_page: 1 },
  });
  const [latest] = deployments ?? [];
  if (latest === undefined) throw new ToolError('not_found', 'The app has no deployment');
  return latest;
};

const oneOf = async (call: ToolCallContext, app_id: string, id: string): Promise<Progressing> =>
  (await askDigitalOcean(call, `/v2/apps/${app_id}/deployments/${id}`, z.object({ deployment: Progressing })))
    .deployment;

const doAppDeploymentGet = defineTool({
  name: 'do_app_deployment_get',
  title: 'Get a deployment',
  description: 'Phase, progress, steps and errors of a deployment of an app; by default of the latest.',
  flag: 'read',
  input: z.object({ app_id: AppId, deployment_id: Id.optional().describe('By default the latest') }),
  output: z.object({
    ...DeploymentView.shape,
    steps_done: z.number(),
    steps_failed: z.number(),
    steps_running: z.number(),
    steps_total: z.number(),
    steps: z.array(StepView),
    errors: z.array(StepView).describe('The steps that failed'),
    truncated: z.boolean(),
  }),
  examples: [{ arguments: { app_id: '4f6c71e2-1e90-4762-9fee-6cc4a0a9f2cf' } }],
  run: async ({ app_id, deployment_id }, call) => {
    const deployment =
      deployment_id === undefined ? await latestOf(call, app_id) : await oneOf(call, app_id, deployment_id);
    const { progress } = deployment;
    const steps = flattened(progress?.steps ?? [], '');
    return {
      ...deploymentView(deployment),
      steps_done: progress?.success_steps ?? 0,
      steps_failed: progress?.error_steps ?? 0,
      steps_running: progress?.running_steps ?? 0,
      steps_total: progress?.total_steps ?? 0,
      steps: steps.slice(0, maxSteps),
      errors: steps.filter(({ status }) => status === 'ERROR').slice(0, 50),
      truncated: steps.length > maxSteps,
    };
  },
});

const Condition = z.object({
  code: z.string().nullish(),
  message: z.string().nullish(),
  components: z.array(z.string()).nullish(),
});

const Validation = z.object({
  valid: z.boolean(),
  error: Condition.nullish(),
  warnings: z.array(Condition).nullish(),
});

const inWords = ({ code, message, components }: z.output<typeof Condition>): string => {
  const said = [code, message].filter(Boolean).join(': ');
  return components?.length ? `${said} (${components.join(', ')})` : said;
};

/** @returns the warnings @throws ToolError refused with the reason why the app cannot be rolled back */
const checkRollback = async (
  call: ToolCallContext,
  app_id: string,
  body: unknown,
  acceptWarnings: boolean,
): Promise<string[]> => {
  const path = `/v2/apps/${app_id}/rollback/validate`;
  const { valid, error, warnings } = await askDigitalOcean(call, path, Validation, { method: 'POST', body });
  if (!valid)
    throw new ToolError(
      'refused',
      `The app cannot be rolled back: ${error ? inWords(error) : 'DigitalOcean gives no reason'}`,
    );
  const words = (warnings ?? []).map(inWords);
  if (words.length > 0 && !acceptWarnings)
    throw new ToolError(
      'refused',
      `The rollback is possible with warnings, which accept_warnings accepts: ${words.join('; ')}`,
    );
  return words;
};

const doAppRollback = defineTool({
  name: 'do_app_rollback',
  title: 'Roll an app back',
  description:
    'Rolls an app back to an earlier deployment, after DigitalOcean has validated that. Unless skip_pin is set, the app takes no other deployment until the rollback is committed or reverted.',
  flag: 'destructive',
  input: z.object({
    app_id: AppId,
    deployment_id: Id.describe('Earlier deployment to go back to'),
    skip_pin: z.boolean().default(false).describe('Whether the rollback is final at once'),
    accept_warnings: z.boolean().default(false),
  }),
  output: z.object({ ...DeploymentView.shape, warnings: z.array(z.string()) }),
  examples: [
    {
      arguments: {
        app_id: '4f6c71e2-1e90-4762-9fee-6cc4a0a9f2cf',
        deployment_id: '3aa4d20e-5527-4c00-b496-601fbd22520a',
      },
    },
  ],
  run: async ({ app_id, accept_warnings, ...body }, call) => {
    const warnings = await checkRollback(call, app_id, body, accept_warnings);
    const deployment = await askForDeployment(call, `/v2/apps/${app_id}/rollback`, { method: 'POST', body });
    return { ...deploymentView(deployment), warnings };
  },
});

export const deploymentTools = [doAppDeploymentCreate, doAppDeploymentGet, doAppRollback];
