// The report of a run: what it found, the table of faults, and whether every promise was kept.
import { readFileSync } from 'node:fs';

import type { RunFolder } from '@pulser/harness';
import type { CallEnd } from '@pulser/testing/tool-calls';

import type { Facts } from '../check/facts.js';
import type { Judged } from '../check/promises.policy.js';
import { allCrashPlaces } from '../crash/crash-points.js';
import { type FaultName, faultNames } from '../faults/fault.js';
import type { FaultRecord } from './timeline.js';

/** What a run found. */
export interface Outcome {
  readonly settled: boolean;
  readonly judged: readonly Judged[];
  readonly records: readonly FaultRecord[];
  readonly facts: Facts;
  /** Failures of the load or the harness, and what Pulser did that it must not. */
  readonly troubles: readonly string[];
  /** Rows, events and calls of what is broken. */
  readonly details: readonly Record<string, unknown>[];
}

/** The smallest value that this share of the values does not exceed; undefined without values. */
export const percentile = (values: readonly number[], share: number): number | undefined =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)];

const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);

const shown = (ms: number | undefined): string => (ms === undefined ? '' : String(ms));

const pair = (values: readonly (number | null)[]): string[] => [
  shown(percentile(known(values), 0.5)),
  shown(percentile(known(values), 0.95)),
];

const head = [
  'fault',
  'count',
  'lost',
  'doubled',
  'detect p50',
  'p95',
  'recover p50',
  'p95',
  'alone: count',
  'recover p95',
];

const lineOf = (fault: FaultName, records: readonly FaultRecord[]): string[] => {
  const done = records.filter(({ unavailable }) => unavailable === undefined);
  const alone = done.filter((record) => record.alone);
  const missing = records.length > 0 && done.length === 0;
  return [
    fault,
    missing ? 'unavailable' : String(done.length),
    String(done.reduce((sum, { lost }) => sum + lost, 0)),
    String(done.reduce((sum, { doubled }) => sum + doubled, 0)),
    ...pair(done.map(({ detect_ms }) => detect_ms)),
    ...pair(done.map(({ recover_ms }) => recover_ms)),
    String(alone.length),
    shown(percentile(known(alone.map(({ recover_ms }) => recover_ms)), 0.95)),
  ];
};

/** The table at the end of a run, in Markdown; times in milliseconds. */
export const summaryTable = (records: readonly FaultRecord[]): string => {
  const lines = faultNames
    .map((name) => ({ name, of: records.filter(({ fault }) => fault === name) }))
    .filter(({ of }) => of.length > 0)
    .map(({ name, of }) => lineOf(name, of));
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
};

/** The end of a log. */
const lastLines = (file: string, count: number): string =>
  readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');

const maxShown = 10;

/** How many orders came with and without an idempotency key, and what became of those whose answer was lost. */
export const submissionLine = ({ submitted, tasks }: Pick<Facts, 'submitted' | 'tasks'>): string => {
  const count = (keyed: boolean): number => submitted.filter((one) => one.accepted && one.keyed === keyed).length;
  const unanswered = submitted.filter(({ accepted }) => !accepted);
  const refs = new Set(tasks.map(({ ref }) => ref));
  const exist = unanswered.filter(({ ref }) => refs.has(ref)).length;
  return `${count(true)} accepted with an idempotency key, ${count(false)} without one; ${unanswered.length} without one whose answer was lost: ${exist} of them exist`;
};

/** How much of the load waited, was repeated, asked or thought. */
export const waitingLine = ({
  submitted,
  asked,
  waiting: { runs, schedules, approvals },
}: Pick<Facts, 'submitted' | 'asked' | 'waiting'>): string => {
  const fires = schedules.flatMap((schedule) => schedule.fires).filter(({ taskId }) => taskId !== null).length;
  const deliveries = submitted.filter(({ via }) => via === 'hook').length;
  const requests = asked.reduce((sum, one) => sum + one.requests, 0);
  return `${runs.length} runs, ${fires} fires of ${schedules.length} schedules, ${approvals.length} approvals, ${deliveries} deliveries to hooks, ${requests} requests to a model`;
};

/** What became of the calls of tools. */
export const toolLine = ({ tools: { writes, reads } }: Pick<Facts, 'tools'>): string => {
  const ended = (wanted: CallEnd): number => writes.filter(({ end }) => end === wanted).length;
  const effects = writes.reduce((sum, one) => sum + one.effects.length, 0);
  const missing = reads.filter(({ writtenAt }) => writtenAt === undefined).length;
  return `${writes.length} calls of tools that change something: ${ended('done')} done, ${ended('unknown')} may have run, ${ended('not made')} not made, ${effects} effects; ${reads.length} reads, ${missing} of them in no audit`;
};

const usedUp = ({ facts }: Outcome): number =>
  facts.tasks.filter(
    ({ status, attempts, maxAttempts, errorCode }) =>
      status === 'failed' && attempts === maxAttempts && errorCode === 'worker_lost',
  ).length;

/** Crash points that no process of the run reached. */
const unfired = ({ records }: Outcome): string[] => {
  const points = records.filter(({ fault, unavailable }) => fault === 'crash-point' && unavailable === undefined);
  if (points.length === 0) return [];
  return allCrashPlaces
    .map(({ point: { step, moment }, kind }) => ({ text: `${step}:${moment}`, kind }))
    .filter(
      ({ text, kind }) =>
        !points.some(({ detail = '' }) => detail.startsWith(`${text}:`) && detail.includes(` ${kind}-`)),
    )
    .map(({ text, kind }) => `${text} in a ${kind}`);
};

const judgements = ({ judged }: Outcome): string[] =>
  judged.flatMap(({ promise, violations }) => [
    `${violations.length === 0 ? 'kept  ' : 'BROKEN'} ${promise}${violations.length === 0 ? '' : ` (${violations.length})`}`,
    ...violations
      .slice(0, maxShown)
      .map(({ what, ref, taskId }) => `         ${what} (task ${taskId ?? '?'}, ref ${ref ?? '?'})`),
  ]);

/** Whether every promise was kept. */
export const isKept = ({ settled, judged, troubles }: Outcome): boolean =>
  settled && troubles.length === 0 && judged.every(({ violations }) => violations.length === 0);

/** Prints the report, and writes one JSON line per fault into faults.jsonl. */
export const printOutcome = (
  outcome: Outcome,
  folder: RunFolder,
  logs: readonly string[],
  print: (line: string) => void,
): void => {
  const { records, facts, troubles, details, settled } = outcome;
  folder.write('faults.jsonl', records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  print(summaryTable(records));
  const repeated = facts.calls.filter(({ phase }) => phase === 'repeated').length;
  print(
    `\n${records.length} faults, ${facts.tasks.length} tasks, ${facts.effects.length} effects, ${repeated} calls refused as repeated, ${facts.ledger.length} ledger rows, ${usedUp(outcome)} tasks used up by killed workers`,
  );
  print(submissionLine(facts));
  print(waitingLine(facts));
  print(toolLine(facts));
  for (const line of judgements(outcome)) print(line);
  for (const point of unfired(outcome)) print(`the crash point was never reached: ${point}`);
  for (const trouble of new Set(troubles)) print(`TROUBLE ${trouble}`);
  if (!settled) print('NOT SETTLED: tasks were still open at the end');
  if (isKept(outcome)) return;
  folder.write('broken.json', JSON.stringify(details, undefined, 2));
  print(`Rows, events and calls of what is broken: ${folder.file('broken.json')}`);
  for (const log of logs) print(`--- ${log}\n${lastLines(log, 12)}`);
};
