// The table of drills, and whether what is promised was kept.
import { percentile } from '../report/report.js';
import { type BreakageName, breakageNames } from './breakages.js';
import { type DrillTimes, promised } from './times.policy.js';
import type { Step } from './way-back.policy.js';

/** A drill that was done. */
export interface DrillRecord extends DrillTimes {
  readonly agent: string;
  readonly fault: BreakageName;
  /** Health services that ran. */
  readonly health: number;
  readonly submitted: number;
  readonly lost: number;
  readonly doubled: number;
  /** Transitions of incidents that notifications were written of; different ids that arrived by mail and by webhook. */
  readonly transitions: number;
  readonly mails: number;
  readonly hooks: number;
  /** How its tasks came back to it; empty: the drill did not wait for that. */
  readonly way_back: readonly Step[];
  /** What was not as promised, in words. */
  readonly troubles: readonly string[];
}

type Measured = 'notice_ms' | 'reroute_ms' | 'recover_ms' | 'return_ms';
type Counted = 'failovers' | 'submitted' | 'late' | 'lost' | 'doubled' | 'transitions' | 'mails' | 'hooks';

const known = (records: readonly DrillRecord[], of: Measured): number[] =>
  records.flatMap((record) => record[of] ?? []);

const seconds = (ms: number | undefined): string => (ms === undefined ? '' : (ms / 1_000).toFixed(1));

const pair = (records: readonly DrillRecord[], of: Measured): string[] =>
  [0.5, 0.95].map((share) => seconds(percentile(known(records, of), share)));

const total = (records: readonly DrillRecord[], of: Counted): string =>
  String(records.reduce((sum, record) => sum + record[of], 0));

const head = [
  ...[
    'fault',
    'drills',
    'noticed p50',
    'p95',
    'rerouted p50',
    'p95',
    'recovered p50',
    'p95',
    'all its tasks again p50',
  ],
  ...['failovers', 'tasks', 'late', 'lost', 'doubled', 'transitions', 'mails', 'webhooks'],
];

const lineOf = (fault: BreakageName, records: readonly DrillRecord[]): string[] => [
  fault,
  String(records.length),
  ...pair(records, 'notice_ms'),
  ...pair(records, 'reroute_ms'),
  ...pair(records, 'recover_ms'),
  seconds(percentile(known(records, 'return_ms'), 0.5)),
  ...(['failovers', 'submitted', 'late', 'lost', 'doubled', 'transitions', 'mails', 'hooks'] as const).map((of) =>
    total(records, of),
  ),
];

/** In Markdown; times in seconds. */
export const drillTable = (records: readonly DrillRecord[]): string => {
  const lines = breakageNames
    .map((name) => ({ name, of: records.filter(({ fault }) => fault === name) }))
    .filter(({ of }) => of.length > 0)
    .map(({ name, of }) => lineOf(name, of));
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
};

const slowOnes = (fault: BreakageName, all: readonly DrillRecord[]): string[] => {
  const wanted = promised[fault];
  // While a leader is killed and the next one frozen, leases of theirs end first.
  const records = all.filter(({ health }) => health === 1);
  if (wanted === undefined) return [];
  const never = records.filter((record) => record[wanted.of] === null).length;
  const p95 = percentile(known(records, wanted.of), 0.95) ?? 0;
  return [
    ...(never > 0 ? [`${fault}: ${never} of ${records.length} drills have no ${wanted.of}`] : []),
    ...(p95 > wanted.s * 1_000 ? [`${fault}: ${wanted.of} p95 is ${seconds(p95)} s, ${wanted.s} s are promised`] : []),
  ];
};

/** What was not as promised; empty: all of it was. */
export const brokenPromises = (records: readonly DrillRecord[]): string[] => [
  ...records.flatMap(({ troubles }) => troubles),
  ...breakageNames.flatMap((fault) =>
    slowOnes(
      fault,
      records.filter((record) => record.fault === fault),
    ),
  ),
];
