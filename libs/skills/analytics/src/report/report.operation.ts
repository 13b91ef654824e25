// The operation `report`: the rows of each section by SQL, its chart, and all of it as report.pdf and report.html.
import { operation, type TaskContext } from '@pulser/agent-runtime/skill';
import { withStagedSources } from '@pulser/data-sandbox';
import type { ReadReport } from '@pulser/tabular';

import { sharedComputer } from '../computing/computer.js';
import { analysisErrors } from '../data/select-rows.js';
import { readingOf } from '../series/series-input.js';
import type { ReportDocument } from '../print/document.js';
import { boxesNote } from './boxes-note.js';
import { type Filled, filledSection, inWords, maxLines } from './filled-section.js';
import { htmlOf } from './html.policy.js';
import { example, ReportInput, type ReportResult, type Section } from './report-contract.js';

/** The sandbox removes each file that it has loaded, so that each statement gets files of its own. */
const fillAll = async ({ sources, sections }: ReportInput, context: TaskContext): Promise<Filled[]> => {
  const filled: Filled[] = [];
  const { signal, openData } = context;
  let room = maxLines;
  for (const [at, section] of sections.entries()) {
    try {
      const one = await withStagedSources(sources, (staged) => filledSection(section, staged, room, signal), openData);
      filled.push(one);
      room -= one.lines;
    } catch (thrown) {
      throw named(thrown, section);
    }
    context.progress(Math.round(((at + 1) / sections.length) * 70), `${section.heading}: done`);
  }
  return filled;
};

/** Which of the sections it was. */
const named = (thrown: unknown, { heading }: Section): unknown => {
  if (!isFailure(thrown)) return thrown;
  const { code, message, facts } = thrown;
  return analysisErrors.error(code, `Section "${heading}": ${message}`, { ...facts, cause: thrown });
};

const ofPayload = [
  'query_failed',
  'source_unreadable',
  'invalid_payload',
  'resource_limit',
  'result_too_large',
] as const;

interface Failure {
  readonly code: (typeof ofPayload)[number];
  readonly message: string;
  readonly facts: object;
}

const isFailure = (thrown: unknown): thrown is Failure =>
  thrown instanceof Error && 'code' in thrown && (ofPayload as readonly unknown[]).includes(thrown.code);

const evidenceOf = (reports: readonly ReadReport[]): string[] =>
  reports.flatMap(({ name, rows, rows_refused: refused, guesses }) => [
    `Data ${name}: ${inWords(rows)} rows${refused === 0 ? '' : `, ${inWords(refused)} more could not be read`}`,
    ...guesses.map((guess) => `Guessed of ${name}: ${guess}`),
  ]);

const documentOf = (input: ReportInput, filled: readonly Filled[], madeAt: number): ReportDocument => ({
  title: input.title,
  subtitle: input.subtitle,
  author: input.author,
  madeAt,
  evidence: evidenceOf(filled.find(({ rows }) => rows !== undefined)?.rows?.sources ?? []),
  sections: filled.map(({ section, blocks }) => ({ heading: section.heading, blocks })),
  page: input.page,
});

/** Makes one report of several queries, charts and texts. */
export const report = operation({
  name: 'report',
  summary:
    'Makes one report of several queries, charts and texts, as PDF with title page and page numbers, and as HTML',
  input: ReportInput,
  example,
  errors: analysisErrors,
  // SQL, charts and the PDF have processes of their own: here it only waits for them.
  inline: true,
  handle: async (input, context): Promise<ReportResult> => {
    const filled = await fillAll(input, context);
    const made = documentOf(input, filled, Date.now());
    const { pdf, pages, sectionPages } = await sharedComputer.run(
      'print',
      { kind: 'print', report: made },
      context.signal,
    );
    const html = Buffer.from(htmlOf(made));
    await context.artifact('report.pdf', 'application/pdf', pdf);
    await context.artifact('report.html', 'text/html; charset=utf-8', html);
    return {
      pages,
      bytes: { pdf: pdf.byteLength, html: html.byteLength },
      sections: filled.map(({ section, rows, shown, notes }, at) => ({
        heading: section.heading,
        page: sectionPages[at] ?? 0,
        rows: rows?.rowCount ?? null,
        rows_shown: shown,
        notes: [...notes],
      })),
      notes: boxesNote(made),
      ...readingOf({ sources: filled.find(({ rows }) => rows !== undefined)?.rows?.sources ?? [] }),
    };
  },
});
