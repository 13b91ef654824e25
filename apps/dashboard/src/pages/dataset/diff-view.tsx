import type { TaskView } from '@pulser/contracts';
import { useMemo } from 'react';

import { Icon, type IconName } from '../../ui/icon.js';
import { Note } from '../../ui/error-state.js';
import { count, counted } from '../../ui/numbers.policy.js';
import { Panel } from '../../ui/page.js';
import { cellText } from '../task/result-table.policy.js';
import { datasetVersionOf } from './lineage.policy.js';
import type { Diff } from './results.policy.js';

interface DiffViewProps {
  readonly name: string;
  readonly diff: Diff;
  /** That compared them. */
  readonly task: Pick<TaskView, 'task_id' | 'payload'>;
}

const nameOf = (reference: string, dataset: string): string => {
  const of = datasetVersionOf(reference);
  return of?.name === dataset ? `version ${of.version}` : reference;
};

const keyIn = (payload: Readonly<Record<string, unknown>>): readonly string[] => {
  const { key } = payload;
  return Array.isArray(key) ? key.filter((column) => typeof column === 'string') : [];
};

/** What is different between two versions: counts of all, samples of some, a file with everything. */
export const DiffView = ({ name, diff, task }: DiffViewProps) => {
  const { from, to, rows_from, rows_to, samples, differences } = diff;
  const key = keyIn(task.payload);
  const isSame = diff.added + diff.removed + (diff.changed ?? 0) === 0;
  return (
    <div className="stack">
      <p>
        {`From ${nameOf(from, name)} with ${counted(rows_from, 'row')} to ${nameOf(to, name)} with ${counted(rows_to, 'row')}`}
        {key.length > 0 ? `, rows told apart by ${key.join(', ')}.` : ', each row as a whole.'}
      </p>
      {isSame && (
        <Note kind="ok" icon="success">
          All rows are the same.
        </Note>
      )}
      <div className="tallies">
        <Tally icon="plus" tone="ok" name="Added" value={count(diff.added)} />
        <Tally icon="minus" tone="bad" name="Removed" value={count(diff.removed)} />
        <Tally icon="edit" tone="warn" name="Changed" value={diff.changed === null ? 'no key' : count(diff.changed)} />
        <Tally icon="check" tone="idle" name="Unchanged" value={count(diff.unchanged)} />
      </div>
      <ColumnChanges diff={diff} />
      <ChangesByColumn changes={diff.changes_by_column} />
      {samples.changed.length > 0 && (
        <Panel title="Changed rows" aside={<Of shown={samples.changed.length} all={diff.changed ?? 0} />} isFlush>
          <div className="wide-table" tabIndex={0} role="group" aria-label="Changed rows">
            <table className="plain-table">
              <thead>
                <tr>
                  <th scope="col">Key</th>
                  <th scope="col">Column</th>
                  <th scope="col">Before</th>
                  <th scope="col">After</th>
                </tr>
              </thead>
              <tbody>
                {samples.changed.flatMap(({ key, changes }, row) =>
                  Object.entries(changes).map(([column, change], place) => (
                    <tr key={`${row} ${column}`}>
                      {place === 0 ? (
                        <th scope="row" rowSpan={Object.keys(changes).length}>
                          {Object.values(key).map(cellText).join(' · ')}
                        </th>
                      ) : null}
                      <td>{column}</td>
                      <td className="diff-before">{shownValue(change.from)}</td>
                      <td className="diff-after">{shownValue(change.to)}</td>
                    </tr>
                  )),
                )}
              </tbody>
            </table>
          </div>
        </Panel>
      )}
      <SampleRows title="Added rows" rows={samples.added} all={diff.added} />
      <SampleRows title="Removed rows" rows={samples.removed} all={diff.removed} />
      {differences !== null && (
        <p>
          <a href={`/api/v1/tasks/${task.task_id}/artifacts/${encodeURIComponent(differences)}`} download={differences}>
            Every difference as NDJSON
          </a>
        </p>
      )}
    </div>
  );
};

const shownValue = (value: unknown): string => (value === null || value === undefined ? 'NULL' : cellText(value));

const Of = ({ shown, all }: { readonly shown: number; readonly all: number }) => (
  <span className="muted num">{shown < all ? `${count(shown)} of ${count(all)}` : count(all)}</span>
);

interface TallyProps {
  readonly icon: IconName;
  readonly tone: 'ok' | 'bad' | 'warn' | 'idle';
  readonly name: string;
  readonly value: string;
}

/** One number with what it counts. */
export const Tally = ({ icon, tone, name, value }: TallyProps) => (
  <div className={`tally tally-${tone}`}>
    <Icon name={icon} />
    <span className="tally-value num">{value}</span>
    <span className="muted">{name}</span>
  </div>
);

const ColumnChanges = ({ diff: { columns_added, columns_removed, columns_retyped } }: { readonly diff: Diff }) => {
  const changes = [
    ...columns_added.map(({ name, type }) => ({ what: 'Added', name, text: type })),
    ...columns_removed.map(({ name, type }) => ({ what: 'Removed', name, text: type })),
    ...columns_retyped.map(({ name, from, to }) => ({ what: 'Other type', name, text: `${from} → ${to}` })),
  ];
  if (changes.length === 0) return null;
  return (
    <Panel title="Columns" isFlush>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">Change</th>
            <th scope="col">Column</th>
            <th scope="col">Type</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ what, name, text }) => (
            <tr key={`${what} ${name}`}>
              <td>{what}</td>
              <td>{name}</td>
              <td>
                <code>{text}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
};

const ChangesByColumn = ({ changes }: { readonly changes: Diff['changes_by_column'] }) => {
  const sorted = Object.entries(changes)
    .filter(([, rows]) => rows > 0)
    .sort(([, a], [, b]) => b - a);
  const [, most = 1] = sorted[0] ?? [];
  if (sorted.length === 0) return null;
  return (
    <Panel title="Changed values by column">
      <ul className="share-list">
        {sorted.slice(0, 20).map(([column, rows]) => (
          <li key={column} className="share-row">
            <span className="truncate" title={column}>
              {column}
            </span>
            <span className="share-bar" aria-hidden="true">
              <span style={{ width: `${(rows / most) * 100}%` }} />
            </span>
            <span className="num">{count(rows)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
};

interface SampleRowsProps {
  readonly title: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly all: number;
}

const SampleRows = ({ title, rows, all }: SampleRowsProps) => {
  const columns = useMemo(() => [...new Set(rows.flatMap((row) => Object.keys(row)))], [rows]);
  if (rows.length === 0) return null;
  return (
    <Panel title={title} aside={<Of shown={rows.length} all={all} />} isFlush>
      <div className="wide-table" tabIndex={0} role="group" aria-label={title}>
        <table className="plain-table">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, place) => (
              <tr key={place}>
                {columns.map((column) => (
                  <td key={column}>{shownValue(row[column])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
};
