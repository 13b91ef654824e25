import '../task/task.css';

import type { DatasetVersionView, TaskView } from '@pulser/contracts';
import { useMutation } from '@tanstack/react-query';

import { useMay } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorNote, Note } from '../../ui/error-state.js';
import { count, counted, percent } from '../../ui/numbers.policy.js';
import { Panel } from '../../ui/page.js';
import { ArtifactsView } from '../task/artifacts-view.js';
import { cellText } from '../task/result-table.policy.js';
import type { DatasetPlace } from './dataset-route.js';
import { Tally } from './diff-view.js';
import { type ColumnProfile, type Profile, profileOf } from './results.policy.js';
import { TaskOutcome } from './task-outcome.js';
import { submitPipeline } from './use-task.js';

interface ProfileViewProps {
  readonly version: DatasetVersionView;
  readonly place: DatasetPlace;
  readonly onPlace: (next: DatasetPlace) => void;
}

/** What is in a version and what is odd: a task of data_fabcon looks at every row. */
export const ProfileView = ({ version, place, onPlace }: ProfileViewProps) => {
  const mayRun = useMay('operator');
  const profile = useMutation({
    mutationFn: () => submitPipeline({ operation: 'profile', dataset: version.reference }),
    onSuccess: (task) => {
      onPlace({ ...place, tab: 'profile', profile: task });
    },
  });
  const run = (
    <Button
      icon="play"
      isPending={profile.isPending}
      onPress={() => {
        profile.mutate();
      }}
    >
      {`Profile version ${version.version}`}
    </Button>
  );
  if (place.profile === undefined) {
    return (
      <>
        <EmptyState icon="graph" title="No profile is shown" actions={mayRun ? run : undefined}>
          {mayRun
            ? 'A task counts NULLs, distinct and frequent values and duplicates, finds keys and what is odd, and draws its columns.'
            : 'Operators make profiles; the address of one shows it to everybody.'}
        </EmptyState>
        {profile.error !== null && <ErrorNote error={profile.error} />}
      </>
    );
  }
  return (
    <div className="stack">
      {mayRun && <div className="list-bar">{run}</div>}
      {profile.error !== null && <ErrorNote error={profile.error} />}
      <TaskOutcome key={place.profile} taskId={place.profile}>
        {(task) => {
          const found = profileOf(task.result);
          return found === undefined ? undefined : <Found profile={found} task={task} reference={version.reference} />;
        }}
      </TaskOutcome>
    </div>
  );
};

interface FoundProps {
  readonly profile: Profile;
  readonly task: TaskView;
  /** Of the version that the page shows. */
  readonly reference: string;
}

const Found = ({ profile, task, reference }: FoundProps) => {
  const { rows, duplicate_rows, key_candidates, findings, columns_left_out } = profile;
  const pictures = task.artifacts.filter(({ media_type }) => media_type.startsWith('image/svg'));
  return (
    <div className="stack">
      {profile.dataset.includes('@') && profile.dataset !== reference && (
        <Note kind="warn">This is the profile of {profile.dataset}, not of the version that is chosen above.</Note>
      )}
      {!profile.exact && <Note>There are many rows: distinct values and quantiles are estimates.</Note>}
      <div className="tallies">
        <Tally icon="tasks" tone="idle" name="Rows" value={count(rows)} />
        <Tally
          icon="copy"
          tone={duplicate_rows === 0 ? 'ok' : 'warn'}
          name="Rows that repeat another"
          value={count(duplicate_rows)}
        />
        <Tally
          icon="alert"
          tone={findings.length === 0 ? 'ok' : 'warn'}
          name="Odd things"
          value={count(findings.length)}
        />
      </div>
      <p>
        {key_candidates.length === 0 ? (
          'No column alone tells all rows apart.'
        ) : (
          <>
            Could be a key: <strong>{key_candidates.join(', ')}</strong>.
          </>
        )}
      </p>
      {findings.length > 0 && (
        <Panel title="Odd things" isFlush>
          <table className="plain-table">
            <thead>
              <tr>
                <th scope="col">Column</th>
                <th scope="col">What</th>
                <th scope="col" className="right">
                  Rows
                </th>
              </tr>
            </thead>
            <tbody>
              {findings.map(({ column, code, message, rows: of }) => (
                <tr key={`${column} ${code}`}>
                  <th scope="row">{column}</th>
                  <td>{message}</td>
                  <td className="right num">{count(of)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Panel>
      )}
      <Panel
        title="Columns"
        aside={columns_left_out > 0 && <span className="muted">{counted(columns_left_out, 'column')} left out</span>}
        isFlush
      >
        <div className="wide-table" tabIndex={0} role="group" aria-label="Profile of the columns">
          <table className="plain-table">
            <thead>
              <tr>
                {['Column', 'Type', 'NULL', 'Distinct', 'Least', 'Most', 'Mean', 'Frequent values'].map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {profile.columns.map((column) => (
                <Row key={column.name} column={column} rows={rows} />
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
      {pictures.length > 0 && <ArtifactsView artifacts={pictures} />}
    </div>
  );
};

const Row = ({ column, rows }: { readonly column: ColumnProfile; readonly rows: number }) => {
  const { name, type, nulls, distinct, min, max, mean, top } = column;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <code>{type}</code>
      </td>
      <td className="num">{nulls === 0 ? '0' : `${count(nulls)} (${percent(rows === 0 ? 0 : nulls / rows)})`}</td>
      <td className="num">{distinct === null ? '–' : count(distinct)}</td>
      <td className="num">{cellText(min)}</td>
      <td className="num">{cellText(max)}</td>
      <td className="num">{mean === undefined ? '' : cellText(mean)}</td>
      <td>
        {top
          .slice(0, 3)
          .map(({ value, rows: of }) => `${cellText(value)} (${count(of)})`)
          .join(', ')}
      </td>
    </tr>
  );
};
