// Rules about a dataset as a whole.
import type { Rule } from './validate-contract.js';

type Freshness = Extract<Rule, { rule: 'freshness' }>;
type RowCount = Extract<Rule, { rule: 'row_count' }>;

/** The outcome of a rule about the whole. */
export interface Verdict {
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly message: string;
}

const hourMs = 3_600_000;
const inHours = (ms: number): string => `${(ms / hourMs).toLocaleString('en', { maximumFractionDigits: 1 })} hours`;

/** @param newest milliseconds since 1970 of the newest value; undefined when there is none */
export const freshnessOf = (rule: Freshness, newest: number | undefined, now: number): Verdict => {
  if (newest === undefined) return { status: 'failed', message: `${rule.column} has no value` };
  const age = now - newest;
  const iso = new Date(newest).toISOString();
  if (age < 0) return { status: 'passed', message: `The newest ${rule.column} is ${iso}, which lies ahead` };
  const fresh = age <= rule.max_age_hours * hourMs;
  return {
    status: fresh ? 'passed' : 'failed',
    message: `The newest ${rule.column} is ${iso}, ${inHours(age)} old; ${rule.max_age_hours} are allowed`,
  };
};

const counted = (rows: number): string => `${rows.toLocaleString('en')} rows`;

/** @param before rows of the version before; undefined when there is none. */
export const rowCountOf = (rule: RowCount, rows: number, before: number | undefined): Verdict => {
  const { min, max, max_drop_percent: drop, max_growth_percent: growth } = rule;
  if (min !== undefined && rows < min) return { status: 'failed', message: `${counted(rows)}, fewer than ${min}` };
  if (max !== undefined && rows > max) return { status: 'failed', message: `${counted(rows)}, more than ${max}` };
  if (drop === undefined && growth === undefined) return { status: 'passed', message: counted(rows) };
  if (before === undefined) {
    const status = min === undefined && max === undefined ? 'skipped' : 'passed';
    return { status, message: `${counted(rows)}; there is no version before to compare with` };
  }
  const change = before === 0 ? (rows === 0 ? 0 : Infinity) : ((rows - before) / before) * 100;
  const message = `${counted(rows)}, ${before.toLocaleString('en')} in the version before (${change > 0 ? '+' : ''}${change.toFixed(1)} %)`;
  const within = (drop === undefined || change >= -drop) && (growth === undefined || change <= growth);
  return { status: within ? 'passed' : 'failed', message };
};
