// Input, example and result of the operation `telemetry_report`.
import { AgentName, AgentState, Instant, TelemetryLevel, TelemetryStep } from '@pulser/contracts';
import { z } from 'zod';

import { isTimeZone } from './zone.policy.js';

export const TelemetryReportInput = z
  .strictObject({
    operation: z.literal('telemetry_report'),
    title: z.string().trim().min(1).max(200).optional(),
    from: Instant.optional().meta({ description: 'Begin of the time (RFC 3339), 24 hours before its end by default' }),
    to: Instant.optional().meta({ description: 'End of the time (RFC 3339), the present by default and at most' }),
    time_zone: z
      .string()
      .max(100)
      .default('UTC')
      .refine(isTimeZone, 'Must be a time zone of the IANA database, such as Europe/Berlin')
      .meta({ description: 'In which times are written (IANA), such as Europe/Berlin' }),
    agents: z.array(AgentName).min(1).max(50).optional().meta({ description: 'These agents only; all by default' }),
    page: z.enum(['A4', 'Letter']).default('A4'),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), {
    message: 'Must be before `to`',
    path: ['from'],
  });
export type TelemetryReportInput = z.infer<typeof TelemetryReportInput>;

export const example: z.input<typeof TelemetryReportInput> = {
  operation: 'telemetry_report',
  time_zone: 'Europe/Berlin',
};

const tasks = z.int();

/** Of the whole time. */
export const Totals = z.strictObject({
  submitted: tasks,
  started: tasks,
  completed: tasks,
  failed: tasks,
  cancelled: tasks,
  retries: tasks,
  error_rate: z.number().nullable().meta({ description: 'failed / (completed + failed); null where nothing ended' }),
});
export type Totals = z.infer<typeof Totals>;

/** The result of `telemetry_report`; the report is in the artifacts report.pdf, report.html and report.md. */
export const TelemetryReportResult = z.strictObject({
  tenant: z.strictObject({ id: z.string(), name: z.string() }),
  made_at: z.string(),
  from: z.string().meta({ description: 'As reported: back to a whole step' }),
  to: z.string().meta({ description: 'As reported: on to a whole step' }),
  step: TelemetryStep,
  resolution: TelemetryLevel,
  kept_from: z.string().nullable().meta({ description: 'Nothing is known before this time; null: all of it is kept' }),
  complete_until: z.string().meta({ description: 'What happened until then is all there' }),
  totals: Totals,
  open: tasks.meta({ description: 'Tasks that have not ended, when the report was made' }),
  agents: z.array(z.strictObject({ agent: AgentName, state: AgentState })),
  pages: z.int().meta({ description: 'Of report.pdf' }),
  bytes: z.strictObject({ pdf: z.int(), html: z.int(), markdown: z.int() }),
  notes: z.array(z.string()).meta({ description: 'What a reader must know; stands in the report, too' }),
});
export type TelemetryReportResult = z.infer<typeof TelemetryReportResult>;
