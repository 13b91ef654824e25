import { type FaultName, faultNames } from '../faults/fault-name.js';
import type { FaultRecord } from './fault-record.js';

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
