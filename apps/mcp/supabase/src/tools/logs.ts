// Logs of a Supabase project, from its management API.
import { askJson, defineTool, ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

const sources = ['database', 'api', 'auth'] as const;
const levels = ['error', 'warning', 'info'] as const;
type Source = (typeof sources)[number];
type Level = (typeof levels)[number];

// In the dialect of the log store, from closed lists alone: the API takes no parameters.
const selects: Record<Source, string> = {
  database: `select postgres_logs.timestamp, event_message, parsed.error_severity as level from postgres_logs
    cross join unnest(metadata) as m cross join unnest(m.parsed) as parsed`,
  api: `select edge_logs.timestamp, event_message, cast(response.status_code as string) as level from edge_logs
    cross join unnest(metadata) as m cross join unnest(m.request) as request cross join unnest(m.response) as response`,
  auth: `select auth_logs.timestamp, event_message, metadata.level as level from auth_logs cross join unnest(metadata) as metadata`,
};

const conditions: Record<Source, Record<Level, string>> = {
  database: {
    error: `where parsed.error_severity in ('ERROR', 'FATAL', 'PANIC')`,
    warning: `where parsed.error_severity in ('WARNING', 'ERROR', 'FATAL', 'PANIC')`,
    info: '',
  },
  api: { error: 'where response.status_code >= 500', warning: 'where response.status_code >= 400', info: '' },
  auth: {
    error: `where metadata.level in ('error', 'fatal', 'panic')`,
    warning: `where metadata.level in ('warning', 'error', 'fatal', 'panic')`,
    info: '',
  },
};

export const logQuery = (source: Source, level: Level, limit: number): string =>
  `${selects[source]} ${conditions[source][level]} order by timestamp desc limit ${limit}`.replaceAll(/\s+/g, ' ');

const LogAnswer = z.object({
  // Microseconds since 1970.
  result: z
    .array(z.object({ timestamp: z.number(), event_message: z.string(), level: z.string().nullish() }))
    .nullish(),
  error: z.union([z.string(), z.looseObject({ message: z.string().optional() })]).nullish(),
});

const dayMs = 86_400_000;

const Instant = z.iso.datetime({ offset: true });

const query = defineTool({
  name: 'supabase_log_query',
  title: 'Logs',
  description:
    'Log lines of the database, the API or the sign-ins of a Supabase project, newest first, by time and level.',
  flag: 'read',
  input: z.object({
    source: z.enum(sources),
    level: z.enum(levels).default('info').describe('The least level; of the API its status'),
    since: Instant.optional().describe('An hour ago without it; at most a day before `until`'),
    until: Instant.optional().describe('Now without it'),
    limit: z.int().min(1).max(1_000).default(100),
  }),
  output: z.object({
    lines: z.array(z.object({ at: z.string(), level: z.string().nullable(), message: z.string() })),
    truncated: z.boolean(),
  }),
  examples: [{ arguments: { source: 'database', level: 'error' } }],
  run: async ({ source, level, since, until, limit }, call) => {
    const to = until === undefined ? Date.now() : Date.parse(until);
    const from = since === undefined ? to - dayMs / 24 : Date.parse(since);
    const project = call.required('SUPABASE_PROJECT_REF');
    const token = call.required('SUPABASE_ACCESS_TOKEN');
    if (from >= to || to - from > dayMs)
      throw new ToolError('invalid_args', 'since must be before until, by a day at most');
    const base = (call.optional('SUPABASE_API_URL') ?? 'https://api.supabase.com').replace(/\/+$/, '');
    const url = new URL(`${base}/v1/projects/${encodeURIComponent(project)}/analytics/endpoints/logs.all`);
    url.searchParams.set('sql', logQuery(source, level, limit + 1));
    url.searchParams.set('iso_timestamp_start', new Date(from).toISOString());
    url.searchParams.set('iso_timestamp_end', new Date(to).toISOString());
    const answer = await askJson(call.fetch, url, {
      backend: 'Supabase',
      headers: { authorization: `Bearer ${token}` },
    });
    const parsed = LogAnswer.safeParse(answer.body);
    if (!parsed.success || !parsed.data.result)
      throw new ToolError(
        'upstream_error',
        parsed.data?.error ? 'Supabase could not search its logs' : 'Supabase answered in an unknown shape',
      );
    const lines = parsed.data.result.map(({ timestamp, event_message: message, level: of }) => ({
      at: new Date(timestamp / 1_000).toISOString(),
      level: of ?? null,
      message,
    }));
    return { lines: lines.slice(0, limit), truncated: lines.length > limit };
  },
});

export const logTools = [query] as const;
