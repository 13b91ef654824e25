// The operation `telemetry_report`: the overview of a tenant's tasks as report.pdf, report.html and report.md.
import { operation, type TaskContext } from '@pulser/agent-runtime/skill';
import { pictureOf, sharedPainter } from '@pulser/charts';

import { sharedComputer } from '../computing/computer.js';
import type { DocumentPicture } from '../print/document.js';
import { boxesNote } from '../report/boxes-note.js';
import { htmlOf } from '../report/html.policy.js';
import { markdownOf } from '../report/markdown.policy.js';
import { errorRate } from './figures.policy.js';
import { depthChart, errorChart, latencyChart, type OverviewChart, throughputChart } from './overview-charts.policy.js';
import { overviewDocument, overviewNotes, type OverviewPictures } from './overview-document.policy.js';
import { openNow, type Overview, readOverview, totalsOf } from './overview.js';
import { example, TelemetryReportInput, type TelemetryReportResult } from './telemetry-report-contract.js';

/** Draws a chart, and keeps it beside the report. The picture says its notes itself. */
const draw = async (
  made: OverviewChart | undefined,
  { artifact, signal }: TaskContext,
): Promise<DocumentPicture | undefined> => {
  if (made === undefined) return undefined;
  const { chart, table, file } = made;
  const picture = pictureOf(chart, table, made.notes);
  const { png } = await sharedPainter.paint(picture, signal);
  await artifact(file, 'image/png', png);
  const { width, height, notes = [] } = picture;
  return { kind: 'picture', png, width, height, file, alt: `Chart: ${[chart.title ?? '', ...notes].join('. ')}` };
};

const drawAll = async (overview: Overview, context: TaskContext): Promise<OverviewPictures> => ({
  throughput: await draw(throughputChart(overview), context),
  latency: await draw(latencyChart(overview), context),
  errors: await draw(errorChart(overview), context),
  depth: await draw(depthChart(overview), context),
});

/** Keeps the report in its three forms. @returns pages and bytes */
const keep = async (report: ReturnType<typeof overviewDocument>, { artifact, signal }: TaskContext) => {
  const { pdf, pages } = await sharedComputer.run('print', { kind: 'print', report }, signal);
  const [html, markdown] = [Buffer.from(htmlOf(report)), Buffer.from(markdownOf(report))];
  await artifact('report.pdf', 'application/pdf', pdf);
  await artifact('report.html', 'text/html; charset=utf-8', html);
  await artifact('report.md', 'text/markdown; charset=utf-8', markdown);
  return { pages, bytes: { pdf: pdf.byteLength, html: html.byteLength, markdown: markdown.byteLength } };
};

const headOf = ({ now, throughput }: Overview) => ({
  tenant: now.tenant,
  made_at: now.at,
  from: throughput.from,
  to: throughput.to,
  step: throughput.step,
  resolution: throughput.resolution,
  kept_from: throughput.kept_from,
  complete_until: throughput.complete_until,
});

/** Makes a report of what the tenant's tasks did. */
export const telemetryReport = operation({
  name: 'telemetry_report',
  summary:
    'Reports on the tasks of the tenant: throughput, run times, errors, open tasks, agents and dead letters, as PDF, HTML and Markdown',
  input: TelemetryReportInput,
  example,
  // Charts and the PDF have processes of their own: here it only waits for them.
  inline: true,
  handle: async (input, context): Promise<TelemetryReportResult> => {
    const overview = await readOverview(input, context);
    context.progress(30, 'The figures are there');
    const report = overviewDocument(overview, await drawAll(overview, context), input);
    context.progress(70, 'The charts are drawn');
    const kept = await keep(report, context);
    const totals = totalsOf(overview);
    return {
      ...headOf(overview),
      totals: { ...totals, error_rate: errorRate(totals.completed, totals.failed) },
      open: openNow(overview),
      agents: overview.health.agents.map(({ agent, state }) => ({ agent, state })),
      ...kept,
      notes: [...overviewNotes(overview), ...boxesNote(report)],
    };
  },
});
