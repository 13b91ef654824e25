import type { RunFolder } from '@pulser/harness';

import { allCrashPoints } from '../faults/crash-point.fault.js';
import type { Outcome } from '../run/chaos-run.js';
import { lastLines } from './log-lines.js';
import { summaryTable } from './summary.policy.js';

const maxShown = 10;

const usedUp = ({ facts }: Outcome): number =>
  facts.tasks.filter(
    ({ status, attempts, maxAttempts, errorCode }) =>
      status === 'failed' && attempts === maxAttempts && errorCode === 'worker_lost',
  ).length;

const unfired = ({ records }: Outcome): string[] => {
  const points = records.filter(({ fault, unavailable }) => fault === 'crash-point' && unavailable === undefined);
  if (points.length === 0) return [];
  return allCrashPoints
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

/** Whether nothing was lost, doubled or otherwise wrong. */
export const isKept = ({ settled, judged, troubles }: Outcome): boolean =>
  settled && troubles.length === 0 && judged.every(({ violations }) => violations.length === 0);

/** The report: lines for people here, and one JSON line a fault in a file. */
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
  for (const line of judgements(outcome)) print(line);
  for (const point of unfired(outcome)) print(`never came to the crash point ${point}`);
  for (const trouble of new Set(troubles)) print(`TROUBLE ${trouble}`);
  if (!settled) print('NOT SETTLED: tasks were still open when the patience ended');
  if (isKept(outcome)) return;
  folder.write('broken.json', JSON.stringify(details, undefined, 2));
  print(`Rows, events and calls of what is broken: ${folder.file('broken.json')}`);
  for (const log of logs) print(`--- ${log}\n${lastLines(log, 12)}`);
};
