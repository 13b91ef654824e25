// A diff of two versions as rows.
import type { WorkflowDiff } from '@pulser/contracts';

export interface VersionChange {
  /** Undefined: of the workflow itself. */
  readonly step: string | undefined;
  readonly kind: 'added' | 'removed' | 'changed';
  /** A JSON Pointer into the step; empty: all of it. */
  readonly where: string;
  /** The value that is there now, as JSON. */
  readonly now: string;
}

type Patch = WorkflowDiff['rest'][number];

const kinds: Readonly<Record<string, VersionChange['kind']>> = { add: 'added', remove: 'removed' };

const changeOf = (step: string | undefined, { op, path, value }: Patch): VersionChange => ({
  step,
  kind: kinds[op] ?? 'changed',
  where: path,
  now: value === undefined ? '' : JSON.stringify(value),
});

const whole = (kind: VersionChange['kind']) => (step: string) => ({ step, kind, where: '', now: '' });

/** Steps that came and went first, then what changed within the others. */
export const changesOf = ({ added, removed, changed, rest }: WorkflowDiff): VersionChange[] => [
  ...added.map(whole('added')),
  ...removed.map(whole('removed')),
  ...changed.flatMap(({ step, patch }) => patch.map((one) => changeOf(step, one))),
  ...rest.map((one) => changeOf(undefined, one)),
];
