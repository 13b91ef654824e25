// Reports that Superset sends by e-mail.
import { defineTool, ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { supersetOf } from '../superset.js';
import { Id } from './dashboards.js';

const formats = ['PDF', 'PNG', 'CSV', 'TEXT'] as const;

const create = defineTool({
  name: 'superset_report_schedule_create',
  title: 'Schedule a report',
  description: 'Schedules an e-mail report of a dashboard or of a chart. Superset sends it, with its own mail server.',
  flag: 'write',
  input: z.object({
    name: z.string().min(1).max(150),
    dashboard_id: Id.optional(),
    chart_id: Id.optional().describe('Either this or dashboard_id'),
    crontab: z
      .string()
      .regex(/^(\S+\s+){4}\S+$/, 'five fields of cron')
      .describe('Like "0 9 * * 1"'),
    timezone: z.string().max(64).default('UTC').describe('Like Europe/Berlin'),
    recipients: z.array(z.email()).min(1).max(50),
    format: z.enum(formats).default('PDF').describe('CSV and TEXT are of charts alone'),
    description: z.string().max(2_000).default(''),
  }),
  output: z.object({ id: z.int() }),
  examples: [
    { arguments: { name: 'Weekly sales', dashboard_id: 7, crontab: '0 9 * * 1', recipients: ['sales@example.com'] } },
  ],
  run: async (
    { name, dashboard_id: dashboard, chart_id: chart, crontab, timezone, recipients, format, description },
    call,
  ) => {
    if ((dashboard === undefined) === (chart === undefined))
      throw new ToolError('invalid_args', 'Either dashboard_id or chart_id');
    if (dashboard !== undefined && ['CSV', 'TEXT'].includes(format))
      throw new ToolError('invalid_args', `A dashboard has no ${format}`);
    const body = {
      ...{ type: 'Report', creation_method: 'alerts_reports', active: true },
      ...{ name, description, crontab, timezone, report_format: format },
      ...(dashboard === undefined ? { chart } : { dashboard }),
      recipients: [{ type: 'Email', recipient_config_json: { target: recipients.join(',') } }],
    };
    const { id } = await supersetOf(call).ask('report/', z.object({ id: z.int() }), { method: 'POST', body });
    return { id };
  },
});

export const reportTools = [create] as const;
