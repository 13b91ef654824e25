// do_app_logs_get: the end of a log, from where DigitalOcean keeps it.
import { defineTool, ToolError, type ToolCallContext } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { Id } from '../apps.js';
import { askDigitalOcean } from '../digitalocean.js';
import { logTail } from '../log-tail.js';

const Component = z.string().regex(/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/, 'is no name of a component');
const types = ['BUILD', 'DEPLOY', 'RUN', 'RUN_RESTARTED'] as const;

interface Place {
  readonly app_id: string;
  readonly deployment_id?: string | undefined;
  readonly component?: string | undefined;
}

const pathOf = ({ app_id, deployment_id, component }: Place): string =>
  [
    `/v2/apps/${app_id}`,
    ...(deployment_id === undefined ? [] : [`deployments/${deployment_id}`]),
    ...(component === undefined ? [] : [`components/${component}`]),
    'logs',
  ].join('/');

const Addresses = z.object({ historic_urls: z.array(z.string()).nullish(), live_url: z.string().nullish() });

/** A live log may be named by the address of a WebSocket; the same log is served over HTTP. */
const overHttp = (address: string): string => {
  const url = URL.parse(address);
  if (url === null) throw new ToolError('upstream_error', 'DigitalOcean names an address of a log that is none');
  return address.replace(/^ws(s?):/, 'http$1:');
};

const maxArchives = 10;
const maxBytes = 60_000;

const sourcesOf = async (call: ToolCallContext, place: Place, type: string) => {
  const query = { type, follow: false };
  const { historic_urls, live_url } = await askDigitalOcean(call, pathOf(place), Addresses, { query });
  const archives = (historic_urls ?? []).map((url) => ({ source: 'archive' as const, url: overHttp(url) }));
  if (archives.length > 0 || !live_url) return archives;
  return [{ source: 'live' as const, url: overHttp(live_url) }];
};

const doAppLogsGet = defineTool({
  name: 'do_app_logs_get',
  title: 'Logs of an app',
  description:
    'The end of the build, deploy or run logs of a component, or of all, of a deployment; by default of the active one. Of a log that is still written the lines of a few seconds.',
  flag: 'read',
  input: z.object({
    app_id: Id.describe('Id of the app'),
    deployment_id: Id.optional().describe('By default the active deployment'),
    component: Component.optional().describe('By default all components'),
    type: z.enum(types).describe('RUN_RESTARTED: of instances that crashed'),
    tail_lines: z.number().int().min(1).max(1_000).default(200).describe('Of each log'),
    live_seconds: z.number().int().min(1).max(20).default(5).describe('How long a log that is still written is read'),
  }),
  output: z.object({
    logs: z
      .array(z.object({ source: z.enum(['archive', 'live']), text: z.string(), truncated: z.boolean() }))
      .describe('None: there are no logs of this kind'),
    truncated: z.boolean(),
  }),
  examples: [
    { arguments: { app_id: '4f6c71e2-1e90-4762-9fee-6cc4a0a9f2cf', component: 'api', type: 'BUILD', tail_lines: 50 } },
  ],
  run: async ({ type, tail_lines: maxLines, live_seconds, ...place }, call) => {
    const sources = await sourcesOf(call, place, type);
    const read = sources.slice(0, maxArchives);
    const logs = await Promise.all(
      read.map(async ({ source, url }) => {
        const limits = { maxBytes, maxLines, ...(source === 'live' && { leaveAfterMs: live_seconds * 1_000 }) };
        return { source, ...(await logTail(call, url, limits)) };
      }),
    );
    return { logs, truncated: sources.length > read.length || logs.some(({ truncated }) => truncated) };
  },
});

export const logTools = [doAppLogsGet];
