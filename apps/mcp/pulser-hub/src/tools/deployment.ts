// What changes an installation: add-ons of Odoo, and deployment plans, which are workflows of Pulser.
import { askJson, defineTool, type ToolCallContext, ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { askOdoo, type Odoo, odooOf } from '../odoo.js';

const Addon = z.object({ id: z.int(), state: z.string(), installed_version: z.union([z.string(), z.literal(false)]) });

const moduleModel = 'ir.module.module';

const addonOf = async (odoo: Odoo, name: string): Promise<z.output<typeof Addon>> => {
  const args = { domain: [['name', '=', name]], fields: ['state', 'installed_version'], limit: 1 };
  const [addon] = await askOdoo(odoo, z.array(Addon), { model: moduleModel, method: 'search_read', args });
  if (addon === undefined)
    throw new ToolError('not_found', `Odoo knows no add-on ${name}: is it on its path of add-ons?`);
  return addon;
};

const methods = { install: 'button_immediate_install', upgrade: 'button_immediate_upgrade' } as const;

/** What to press in the state that an add-on is in; undefined: it is as wanted. */
export const buttonFor = (
  wanted: 'install' | 'upgrade' | 'install_or_upgrade',
  state: string,
): keyof typeof methods | undefined => {
  if (state === 'installed') return wanted === 'install' ? undefined : 'upgrade';
  if (state !== 'uninstalled') throw new ToolError('conflict', `The add-on is in the state ${state}`);
  if (wanted === 'upgrade') throw new ToolError('conflict', 'The add-on is not installed');
  return 'install';
};

const deployAddon = defineTool({
  name: 'deploy_addon',
  title: 'Install or upgrade an add-on of Odoo',
  description:
    'Installs or upgrades an add-on that Odoo already has on its path, with what it depends on. Odoo reloads: other users wait meanwhile.',
  flag: 'destructive',
  idempotent: true,
  timeLimitMs: 600_000,
  input: z.object({
    addon: z
      .string()
      .regex(/^[a-z0-9_]+$/)
      .describe('Technical name, like sale_management'),
    action: z.enum(['install', 'upgrade', 'install_or_upgrade']).default('install_or_upgrade'),
    refresh: z.boolean().default(false).describe('Whether Odoo looks for new add-ons first'),
  }),
  output: z.object({
    addon: z.string(),
    done: z.enum(['install', 'upgrade', 'nothing']),
    state: z.string(),
    version: z.string().nullable(),
  }),
  examples: [{ arguments: { addon: 'sale_management', action: 'install' } }],
  run: async ({ addon, action, refresh }, call) => {
    const odoo = await odooOf(call);
    if (refresh) await odoo.call({ model: moduleModel, method: 'update_list' });
    const before = await addonOf(odoo, addon);
    const button = buttonFor(action, before.state);
    if (button !== undefined) await odoo.call({ model: moduleModel, method: methods[button], ids: [before.id] });
    const { state, installed_version: version } = await addonOf(odoo, addon);
    if (state !== 'installed') throw new ToolError('upstream_error', `The add-on is in the state ${state} afterwards`);
    return { addon, done: button ?? ('nothing' as const), state, version: version === false ? null : version };
  },
});

const Plan = z.object({
  version: z.int(),
  definition: z.object({
    steps: z.array(z.looseObject({ name: z.string(), needs: z.array(z.string()).optional() })),
  }),
});
const Checked = z.object({ agent: z.string(), status: z.string(), ahead: z.int() });
const Accepted = z.object({ task_id: z.string(), status: z.string() });

interface PulserRequest {
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
}

const problemDetail = (body: unknown): string | undefined =>
  z.object({ code: z.string(), detail: z.string() }).safeParse(body).data?.detail;

const askPulser = async <Shape extends z.ZodType>(
  call: ToolCallContext,
  path: string,
  shape: Shape,
  { body, idempotencyKey }: PulserRequest = {},
): Promise<z.output<Shape>> => {
  const base = call.required('PULSER_URL').replace(/\/+$/, '');
  const answer = await askJson(call.fetch, `${base}/api/v1/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    backend: 'Pulser',
    detail: problemDetail,
    headers: {
      authorization: `Bearer ${call.required('PULSER_API_KEY')}`,
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    },
    ...(body !== undefined && { body }),
  });
  const parsed = shape.safeParse(answer.body);
  if (!parsed.success) throw new ToolError('upstream_error', 'Pulser answered in an unknown shape');
  return parsed.data;
};

const PlanStep = z.object({ name: z.string(), kind: z.string(), needs: z.array(z.string()) });

const kindOf = (step: Readonly<Record<string, unknown>>): string =>
  typeof step['task_type'] === 'string'
    ? step['task_type']
    : (['workflow', 'wait', 'approval'].find((kind) => kind in step) ?? 'unknown');

const orchestrate = defineTool({
  name: 'orchestrate_deployment',
  title: 'Run a deployment plan',
  description:
    'Runs a named deployment plan (a workflow of Pulser whose steps call tools of several servers). By default nothing runs: the steps and what would become of the run are returned. With dry_run false the run starts, and its id is returned.',
  flag: 'destructive',
  input: z.object({
    plan: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]*$/)
      .max(100)
      .describe('Name of the workflow'),
    inputs: z.record(z.string(), z.unknown()).default({}),
    dry_run: z.boolean().default(true),
  }),
  output: z.object({
    dry_run: z.boolean(),
    plan: z.string(),
    version: z.int(),
    steps: z.array(PlanStep),
    agent: z.string().nullable().describe('Dry run: who would conduct it'),
    status: z.string().describe('Of the run, or that it would have'),
    run_id: z.string().nullable().describe('Null for a dry run'),
  }),
  examples: [{ arguments: { plan: 'release-shop', inputs: { tag: 'v1.4.0' } } }],
  run: async ({ plan, inputs, dry_run: isDry }, call) => {
    const { version, definition } = await askPulser(call, `workflows/${encodeURIComponent(plan)}`, Plan);
    const steps = definition.steps.map((step) => ({ name: step.name, kind: kindOf(step), needs: step.needs ?? [] }));
    const about = { dry_run: isDry, plan, version, steps };
    const body = { task_type: 'orchestration', payload: { operation: 'run', workflow: plan, inputs } };
    // Refused as the submission would be, also before a real one: nothing has begun then.
    const { agent, status } = await askPulser(call, 'tasks?dry_run=true', Checked, { body });
    if (isDry) return { ...about, agent, status, run_id: null };
    const { idempotencyKey } = call;
    const run = await askPulser(call, 'tasks', Accepted, { body, idempotencyKey });
    return { ...about, agent, status: run.status, run_id: run.task_id };
  },
});

export const deploymentTools = [deployAddon, orchestrate] as const;
