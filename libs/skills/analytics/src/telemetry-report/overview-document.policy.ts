// An overview as a document: what stands in which section, and what a reader must know of the whole.
import type { Block, DocumentSection, ReportDocument } from '../print/document.js';
import { count, errorRate, percent, stepLength, tasks } from './figures.policy.js';
import { agentTable, letterTable, openTable, operationTable, type TableWithNotes } from './overview-tables.policy.js';
import { openNow, type Overview, totalsOf } from './overview.js';
import { changesOffset, timeText } from './zone.policy.js';

/** Pictures by section; undefined where there is nothing to draw. */
export interface OverviewPictures {
  readonly throughput: Block | undefined;
  readonly latency: Block | undefined;
  readonly errors: Block | undefined;
  readonly depth: Block | undefined;
}

const paragraph = (text: string): Block => ({ kind: 'paragraph', text });
const note = (text: string): Block => ({ kind: 'note', text });

const drawn = (picture: Block | undefined, otherwise: string): Block => picture ?? paragraph(otherwise);

const tabled = ({ table, notes }: TableWithNotes, otherwise: string): Block[] =>
  table.rows.length === 0 ? [paragraph(otherwise)] : [table, ...notes.map(note)];

/** Begin and end, and the zone of all times. */
export const rangeText = ({ throughput: { from, to }, zone }: Overview): string =>
  `${timeText(Date.parse(from), zone)} to ${timeText(Date.parse(to), zone)} (${zone.label})`;

/** Of what is not kept nothing is said. */
const inTime = ({ throughput: { kept_from: keptFrom } }: Overview): string =>
  keptFrom === null ? 'in this time' : 'in the part of this time that is kept';

const isKept = ({ throughput: { kept_from: keptFrom, to } }: Overview): boolean =>
  keptFrom === null || Date.parse(keptFrom) < Date.parse(to);

const glance = (overview: Overview): Block => {
  const { submitted, completed, failed, cancelled, retries } = totalsOf(overview);
  if (!isKept(overview)) return paragraph('Nothing is kept of this time: what happened in it is not known.');
  const rate = errorRate(completed, failed);
  if (submitted + completed + failed + cancelled + retries === 0)
    return paragraph(
      `No task came, started or ended ${inTime(overview)}; ${tasks(openNow(overview))} had not ended when this was made.`,
    );
  const failing = rate === null ? 'nothing completed or failed' : `${percent(rate)} of those that completed or failed`;
  return paragraph(
    `${tasks(submitted)} came; ${count(completed)} completed, ${count(failed)} failed for good (${failing}) and ` +
      `${count(cancelled)} were cancelled. ${count(retries)} attempts were tried again. ` +
      `${tasks(openNow(overview))} had not ended when this was made.`,
  );
};

const lights = ({ health, now, zone }: Overview): Block[] => [
  note(`Agents of the installation at ${timeText(Date.parse(now.at), zone)}:`),
  health.agents.length === 0
    ? paragraph('No agent has registered.')
    : {
        kind: 'lights',
        items: health.agents.map(({ agent, state, reason, last_seen: lastSeen }) => ({
          name: agent,
          state,
          isOn: state === 'up',
          text: state === 'up' ? reason : `${reason}; last heard of at ${timeText(Date.parse(lastSeen), zone)}`,
        })),
      },
];

const widened = ({ asked, throughput: { from, to, step }, zone }: Overview): string[] => {
  const [fromMs, toMs] = [Date.parse(asked.from), Date.parse(asked.to)];
  if (fromMs === Date.parse(from) && toMs === Date.parse(to)) return [];
  return [
    `The time asked for, ${timeText(fromMs, zone)} to ${timeText(toMs, zone)}, is widened to whole steps (${stepLength(step)}).`,
  ];
};

const levels = { minute: 'minutes', hour: 'hours', day: 'days' } as const;

/** What a reader must know of the whole: what is not there, and what is not exact. */
export const overviewNotes = (overview: Overview): string[] => {
  const { throughput, zone, timeZone, agents } = overview;
  const { from, to, kept_from: keptFrom, complete_until: completeUntil, left_out: leftOut } = throughput;
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const changed = zone.label !== 'UTC' && changesOffset(timeZone, fromMs, toMs);
  return [
    ...widened(overview),
    ...(keptFrom === null
      ? []
      : [
          `Of the time before ${timeText(Date.parse(keptFrom), zone)} nothing is kept in ${levels[throughput.resolution]}: it is in no figure.`,
        ]),
    ...(Date.parse(completeUntil) < toMs
      ? [
          `What happened after ${timeText(Date.parse(completeUntil), zone)} may not be all there yet, and figures were read one after the other.`,
        ]
      : []),
    ...(leftOut === 0 ? [] : [`${count(leftOut)} agents with fewer tasks are in no figure.`]),
    ...(changed ? [`Clocks were changed in this time; all times have the offset of its end.`] : []),
    ...(throughput.step === '1d' && timeZone !== 'UTC' ? ['Days are those of UTC, and so are the times here.'] : []),
    ...(agents === undefined ? [] : [`Only these agents: ${agents.join(', ')}.`]),
  ];
};

const definitions = ({ throughput: { resolution, step } }: Overview): readonly string[] => [
  `Figures are kept in ${levels[resolution]}; the charts have steps of ${stepLength(step)}.`,
  'A task is counted where something happened to it: it may come in one step and end in another.',
  'Error rate: failed / (completed + failed). A cancelled task is no error; a dash is not known.',
  'Wait: of completed tasks, from when one could start to the start of the attempt that completed it. Run: that attempt.',
  'Quantiles (P50, P95, P99) are within 1 % of the exact ones; counts are exact.',
];

/** The sections, in their order. */
const sectionsOf = (overview: Overview, pictures: OverviewPictures): DocumentSection[] => {
  const notes = overviewNotes(overview);
  return [
    { heading: 'At a glance', blocks: [glance(overview), ...lights(overview), ...notes.map(note)] },
    { heading: 'Throughput', blocks: [drawn(pictures.throughput, `No task completed ${inTime(overview)}.`)] },
    {
      heading: 'Run time',
      blocks: [drawn(pictures.latency, `No task completed ${inTime(overview)}, so nothing was measured.`)],
    },
    { heading: 'Errors', blocks: [drawn(pictures.errors, `No task completed or failed ${inTime(overview)}.`)] },
    {
      heading: 'Open tasks',
      blocks: [
        drawn(pictures.depth, 'There were no open tasks at the end of any step of which something is known.'),
        ...tabled(openTable(overview), 'No task is open now.'),
      ],
    },
    {
      heading: 'By agent',
      blocks:
        overview.throughput.series.length === 0
          ? [paragraph(`No agent had a task ${inTime(overview)}.`)]
          : tabled(agentTable(overview), ''),
    },
    {
      heading: 'By operation',
      blocks: tabled(operationTable(overview), `No operation had a task ${inTime(overview)}.`),
    },
    { heading: 'Dead letters', blocks: tabled(letterTable(overview), 'No dead letter is open, and none came.') },
    { heading: 'How to read this', blocks: [{ kind: 'list', items: definitions(overview) }] },
  ];
};

/** @param page the size of paper */
export const overviewDocument = (
  overview: Overview,
  pictures: OverviewPictures,
  { title, page }: { readonly title?: string | undefined; readonly page: ReportDocument['page'] },
): ReportDocument => {
  const { now, zone, throughput } = overview;
  return {
    title: title ?? `Tasks of ${now.tenant.name}`,
    subtitle: rangeText(overview),
    author: undefined,
    layout: 'sheet',
    madeAt: Date.parse(now.at),
    evidence: [
      `Tenant: ${now.tenant.name} (${now.tenant.id})`,
      `Made at ${timeText(Date.parse(now.at), zone)} (${zone.label})`,
      `Resolution: ${levels[throughput.resolution]}, in steps of ${stepLength(throughput.step)}`,
    ],
    sections: sectionsOf(overview, pictures),
    page,
  };
};
