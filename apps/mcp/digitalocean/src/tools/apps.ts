// do_app_list, do_app_get, do_app_spec_validate, do_app_create, do_app_update, do_app_delete.
import { defineTool, ToolError, type ToolCallContext } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import {
  AppAnswer,
  AppSpec,
  appView,
  AppView,
  componentsOf,
  ComponentView,
  domainsOf,
  DomainView,
  Id,
} from '../apps.js';
import { askDigitalOcean, type Request } from '../digitalocean.js';
import { Cursor, hasMore, Links, NextCursor } from '../paging.js';

const AppId = Id.describe('Id of the app');

const doAppList = defineTool({
  name: 'do_app_list',
  title: 'List apps',
  description: 'Apps of App Platform with live address and active deployment.',
  flag: 'read',
  input: z.object({ limit: z.number().int().min(1).max(100).default(20), cursor: Cursor }),
  output: z.object({ apps: z.array(AppView), next_cursor: NextCursor }),
  examples: [{ arguments: {} }],
  run: async ({ limit, cursor }, call) => {
    const page = Number(cursor ?? 1);
    const schema = z.object({ apps: z.array(AppAnswer).nullish(), ...Links });
    const answer = await askDigitalOcean(call, '/v2/apps', schema, { query: { page, per_page: limit } });
    return { apps: (answer.apps ?? []).map(appView), next_cursor: hasMore(answer) ? String(page + 1) : null };
  },
});

const askForApp = async (call: ToolCallContext, path: string, request?: Request): Promise<AppAnswer> =>
  (await askDigitalOcean(call, path, z.object({ app: AppAnswer }), request)).app;

const doAppGet = defineTool({
  name: 'do_app_get',
  title: 'Get an app',
  description:
    'One app with its spec, components, domains and deployments. Secret values in the spec are encrypted by DigitalOcean.',
  flag: 'read',
  input: z.object({ app_id: AppId }),
  output: z.object({
    ...AppView.shape,
    components: z.array(ComponentView),
    domains: z.array(DomainView),
    spec: z.record(z.string(), z.unknown()).describe('As do_app_update takes it'),
  }),
  examples: [{ arguments: { app_id: '4f6c71e2-1e90-4762-9fee-6cc4a0a9f2cf' } }],
  run: async ({ app_id }, call) => {
    const app = await askForApp(call, `/v2/apps/${app_id}`);
    return { ...appView(app), components: componentsOf(app), domains: domainsOf(app), spec: app.spec };
  },
});

const Proposal = z.object({
  app_name_available: z.boolean().nullish(),
  app_name_suggestion: z.string().nullish(),
  app_is_static: z.boolean().nullish(),
  app_cost: z.number().nullish(),
  spec: z.record(z.string(), z.unknown()).nullish(),
});
type Proposal = z.output<typeof Proposal>;

const nameProblem = ({ app_name_available, app_name_suggestion }: Proposal, app_id: string | undefined): string[] => {
  if (app_id !== undefined || app_name_available !== false) return [];
  return [`name: there is an app of this name already${app_name_suggestion ? `; ${app_name_suggestion} is free` : ''}`];
};

const doAppSpecValidate = defineTool({
  name: 'do_app_spec_validate',
  title: 'Validate an app spec',
  description:
    'Has DigitalOcean check and price a spec for a new app or an existing one. Nothing is created, changed or deployed.',
  flag: 'read',
  input: z.object({ spec: AppSpec, app_id: AppId.optional().describe('App that the spec is to replace that of') }),
  output: z.object({
    valid: z.boolean(),
    problems: z.array(z.string()),
    monthly_cost_usd: z.number().nullable().describe('null: not priced'),
    static: z.boolean().nullable().describe('Whether the app has static sites alone'),
    spec: z.record(z.string(), z.unknown()).nullable().describe('The spec as DigitalOcean completes it'),
  }),
  examples: [
    {
      arguments: {
        spec: {
          name: 'web',
          region: 'fra',
          services: [
            {
              name: 'api',
              image: { registry_type: 'DOCR', repository: 'api', tag: '1.4.0' },
              instance_size_slug: 'apps-s-1vcpu-0.5gb',
            },
          ],
        },
      },
    },
  ],
  run: async ({ spec, app_id }, call) => {
    try {
      const body = { spec, ...(app_id !== undefined && { app_id }) };
      const proposal = await askDigitalOcean(call, '/v2/apps/propose', Proposal, { method: 'POST', body });
      const problems = nameProblem(proposal, app_id);
      return {
        ...{ valid: problems.length === 0, problems },
        monthly_cost_usd: proposal.app_cost ?? null,
        static: proposal.app_is_static ?? null,
        spec: proposal.spec ?? null,
      };
    } catch (error) {
      // A spec that DigitalOcean finds wrong is the answer to this question, not a failure.
      if (!(error instanceof ToolError) || error.code !== 'invalid_args') throw error;
      return { valid: false, problems: [error.message], monthly_cost_usd: null, static: null, spec: null };
    }
  },
});

const doAppCreate = defineTool({
  name: 'do_app_create',
  title: 'Create an app',
  description:
    'Creates an app from a spec and deploys it. Names of apps are unique: a repeat is a conflict. It costs money: price it with do_app_spec_validate.',
  flag: 'write',
  input: z.object({ spec: AppSpec, project_id: Id.optional().describe('By default the default project') }),
  output: AppView,
  examples: [
    {
      arguments: {
        spec: {
          name: 'web',
          region: 'fra',
          static_sites: [
            { name: 'page', git: { repo_clone_url: 'https://github.com/octocat/hello-world.git', branch: 'main' } },
          ],
        },
      },
    },
  ],
  run: async ({ spec, project_id }, call) => {
    const body = { spec, ...(project_id !== undefined && { project_id }) };
    return appView(await askForApp(call, '/v2/apps', { method: 'POST', body }));
  },
});

const doAppUpdate = defineTool({
  name: 'do_app_update',
  title: 'Replace the spec of an app',
  description:
    'Replaces the whole spec of an app and deploys it: what the new spec leaves out is removed. Start from the spec of do_app_get.',
  flag: 'destructive',
  idempotent: true,
  input: z.object({
    app_id: AppId,
    spec: AppSpec,
    update_all_source_versions: z
      .boolean()
      .default(false)
      .describe('Whether components whose source is unchanged fetch its newest version'),
  }),
  output: AppView,
  examples: [{ arguments: { app_id: '4f6c71e2-1e90-4762-9fee-6cc4a0a9f2cf', spec: { name: 'web', services: [] } } }],
  run: async ({ app_id, ...body }, call) =>
    appView(await askForApp(call, `/v2/apps/${app_id}`, { method: 'PUT', body })),
});

const doAppDelete = defineTool({
  name: 'do_app_delete',
  title: 'Delete an app',
  description: 'Deletes an app with its development databases and its logs. Its name has to be given, too.',
  flag: 'destructive',
  idempotent: true,
  input: z.object({
    app_id: AppId,
    name: z.string().min(1).max(64).describe('Name of the app, so that no other one is deleted'),
  }),
  output: z.object({ id: z.string(), deleted: z.literal(true) }),
  examples: [{ arguments: { app_id: '4f6c71e2-1e90-4762-9fee-6cc4a0a9f2cf', name: 'web' } }],
  run: async ({ app_id, name }, call) => {
    const path = `/v2/apps/${app_id}`;
    const { spec } = await askForApp(call, path);
    if (spec.name !== name) throw new ToolError('refused', `App ${app_id} has the name ${spec.name}, not ${name}`);
    await askDigitalOcean(call, path, z.unknown(), { method: 'DELETE' });
    return { id: app_id, deleted: true as const };
  },
});

export const appTools = [doAppList, doAppGet, doAppSpecValidate, doAppCreate, doAppUpdate, doAppDelete];
