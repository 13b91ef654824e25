import type { DatasetVersionView } from '@pulser/contracts';
import { useMutation } from '@tanstack/react-query';

import { useMay } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorNote } from '../../ui/error-state.js';
import { Checkbox, Select } from '../../ui/fields.js';
import { count } from '../../ui/numbers.policy.js';
import { Panel } from '../../ui/page.js';
import type { DatasetPlace } from './dataset-route.js';
import { DiffView } from './diff-view.js';
import { diffOf, keyOf, keyText } from './results.policy.js';
import { TaskOutcome } from './task-outcome.js';
import { submitPipeline } from './use-task.js';

interface CompareViewProps {
  readonly name: string;
  readonly versions: readonly DatasetVersionView[];
  readonly shown: DatasetVersionView;
  readonly place: DatasetPlace;
  readonly onPlace: (next: DatasetPlace) => void;
}

/** Columns that a key may have. */
const maxKey = 20;

/** Columns that are offered for the key; more would be no choice. */
const maxOffered = 60;

/** Two versions beside each other: a task of data_fabcon compares them exactly. */
export const CompareView = ({ name, versions, shown, place, onPlace }: CompareViewProps) => {
  const mayRun = useMay('operator');
  const others = versions.filter(({ version }) => version !== shown.version);
  const from =
    others.find(({ version }) => version === place.from) ??
    others.find(({ version }) => version < shown.version) ??
    others[0];
  const shared = shown.columns.filter((column) => from?.columns.some((one) => one.name === column.name) ?? false);
  const key = keyOf(place.key).filter((column) => shared.some((one) => one.name === column));
  // A comparison that is shown is one of these versions and this key: with others it goes.
  const base: DatasetPlace = { version: place.version, tab: 'compare', profile: place.profile };
  const compare = useMutation({
    mutationFn: (older: DatasetVersionView) =>
      submitPipeline({
        operation: 'diff',
        from: older.reference,
        to: shown.reference,
        ...(key.length > 0 && { key }),
        samples: 20,
      }),
    onSuccess: (diff, older) => {
      onPlace({ ...base, from: older.version, key: keyText(key), diff });
    },
  });
  const choose = (column: string, isOn: boolean): void => {
    const next = isOn ? [...key, column] : key.filter((one) => one !== column);
    onPlace({ ...base, from: from?.version, key: keyText(next) });
  };
  if (from === undefined && place.diff === undefined) {
    return (
      <EmptyState icon="datasets" title="There is one version">
        With a second one, the two are compared here: rows added, removed and changed.
      </EmptyState>
    );
  }
  return (
    <div className="stack">
      {mayRun && from !== undefined && (
        <Panel title="What is compared">
          <div className="stack">
            <div className="compare-versions">
              <Select
                label={`Version ${shown.version} with`}
                value={String(from.version)}
                onChange={(version) => {
                  onPlace({ ...base, from: Number(version), key: place.key });
                }}
                options={others.map(({ version, rows }) => ({
                  id: String(version),
                  text: `Version ${version}`,
                  hint: `${count(rows)} rows`,
                }))}
              />
              <Button
                icon="play"
                isPending={compare.isPending}
                onPress={() => {
                  compare.mutate(from);
                }}
              >
                {`Compare version ${from.version} with ${shown.version}`}
              </Button>
            </div>
            <fieldset className="compare-key">
              <legend>Columns that tell rows apart</legend>
              <p className="muted">
                With them a row that has the same key and other values is a changed one. Without, rows are added or
                removed as a whole.
              </p>
              <div className="compare-columns">
                {shared.slice(0, maxOffered).map((column) => (
                  <Checkbox
                    key={column.name}
                    isSelected={key.includes(column.name)}
                    isDisabled={key.length >= maxKey && !key.includes(column.name)}
                    onChange={(isOn) => {
                      choose(column.name, isOn);
                    }}
                  >
                    {column.name}
                  </Checkbox>
                ))}
              </div>
              {shared.length > maxOffered && (
                <p className="muted">
                  The first {maxOffered} of {count(shared.length)} columns. For others submit the operation diff.
                </p>
              )}
            </fieldset>
            {compare.error !== null && <ErrorNote error={compare.error} />}
          </div>
        </Panel>
      )}
      {place.diff !== undefined && (
        <TaskOutcome key={place.diff} taskId={place.diff}>
          {(task) => {
            const diff = diffOf(task.result);
            return diff === undefined ? undefined : <DiffView name={name} diff={diff} task={task} />;
          }}
        </TaskOutcome>
      )}
      {place.diff === undefined && !mayRun && (
        <EmptyState icon="info" title="No comparison is chosen">
          Operators compare versions; the address of a comparison shows it to everybody.
        </EmptyState>
      )}
    </div>
  );
};
