import '../schedules/schedules.css';
import './schedule.css';

import type { ScheduleDetail } from '@pulser/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { isApiError } from '../../api/problem.js';
import { useMay } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { JsonView } from '../../ui/json-view.js';
import { counted } from '../../ui/numbers.policy.js';
import { Facts, Page, Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { toast } from '../../ui/toast.js';
import { ScheduleDialog } from '../schedules/schedule-dialog.js';
import { ScheduleState } from '../schedules/schedule-state.js';
import { inZone, pauseText, skipTexts, whenText } from '../schedules/schedule-text.policy.js';
import { BackfillDialog, PauseScheduleDialog } from './schedule-orders.js';
import { FireList } from './fire-list.js';

export const SchedulePage = () => {
  const { name } = useParams({ from: '/frame/schedules/$name' });
  const { data, error, refetch } = useQuery({
    queryKey: ['schedule', name],
    queryFn: ({ signal }) => api.get<ScheduleDetail>(`/api/v1/schedules/${encodeURIComponent(name)}`, { signal }),
    refetchInterval: 3_000,
    retry: (count, thrown) => !isApiError(thrown, 'not_found') && count < 2,
  });
  if (error !== null && isApiError(error, 'not_found')) {
    return (
      <Page title={name}>
        <EmptyState icon="search" title="There is no such schedule">
          It may have been deleted.
        </EmptyState>
      </Page>
    );
  }
  if (data === undefined) {
    return (
      <Page title={name}>
        {error === null ? <Skeleton height="240px" /> : <ErrorState error={error} onRetry={() => void refetch()} />}
      </Page>
    );
  }
  return <Shown schedule={data} />;
};

type Asked = 'pause' | 'backfill' | 'delete';

const Shown = ({ schedule }: { readonly schedule: ScheduleDetail }) => {
  const { name, paused } = schedule;
  const { edit, fires = 'all' } = useSearch({ from: '/frame/schedules/$name' });
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayWrite = useMay('operator');
  const [asked, setAsked] = useState<Asked>();
  const path = `/api/v1/schedules/${encodeURIComponent(name)}`;
  const refresh = (): void => {
    for (const key of ['schedule', 'schedule-fires', 'schedules']) void client.invalidateQueries({ queryKey: [key] });
  };
  const form = (isOpen: boolean): void => {
    const search = { ...(fires !== 'all' && { fires }), ...(isOpen && { edit: true }) };
    void navigate({ to: '/schedules/$name', params: { name }, search, replace: true });
  };
  const close = (): void => {
    setAsked(undefined);
  };
  const post = async (what: string, text: string): Promise<void> => {
    try {
      await api.post(`${path}/${what}`);
      toast.done(text);
    } catch (thrown) {
      toast.failed(isApiError(thrown) ? thrown.detail : `${name} is as it was`);
    }
    refresh();
  };
  return (
    <Page
      title={name}
      aside={
        <span>
          {paused === null && schedule.next_at !== null && <span className="muted">fires </span>}
          <ScheduleState schedule={schedule} />
        </span>
      }
      intro={whenText(schedule)}
      actions={
        mayWrite ? (
          <>
            <Button icon="bolt" onPress={() => void post('trigger', 'It fires in a moment')}>
              Trigger now
            </Button>
            <Button
              icon="replay"
              onPress={() => {
                setAsked('backfill');
              }}
            >
              Backfill
            </Button>
            {paused === null ? (
              <Button
                icon="pause"
                onPress={() => {
                  setAsked('pause');
                }}
              >
                Pause
              </Button>
            ) : (
              <Button icon="play" onPress={() => void post('resume', `${name} goes on`)}>
                Resume
              </Button>
            )}
            <Button
              icon="edit"
              onPress={() => {
                form(true);
              }}
            >
              Change
            </Button>
            <Button
              kind="danger"
              icon="trash"
              onPress={() => {
                setAsked('delete');
              }}
            >
              Delete
            </Button>
          </>
        ) : undefined
      }
    >
      {paused !== null && (
        <Note kind={paused.kind === 'user' ? 'info' : 'bad'} icon="pause">
          {pauseText(paused)} (<RelativeTime at={paused.at} />)
        </Note>
      )}
      <div className="schedule-columns">
        <About schedule={schedule} />
        <Next schedule={schedule} />
      </div>
      <FireList name={name} choice={fires} />
      {edit === true && mayWrite && (
        <ScheduleDialog
          schedule={schedule}
          onDone={() => {
            toast.done(`${name} is saved`);
            refresh();
            form(false);
          }}
          onClose={() => {
            form(false);
          }}
        />
      )}
      {asked === 'pause' && <PauseScheduleDialog name={name} path={path} onDone={refresh} onClose={close} />}
      {asked === 'backfill' && <BackfillDialog name={name} path={path} onDone={refresh} onClose={close} />}
      <Confirm
        isOpen={asked === 'delete'}
        title="Delete 1 schedule?"
        verb="Delete 1 schedule"
        isDanger
        onConfirm={async () => {
          await api.delete(path);
          toast.done(`${name} is deleted`);
          void navigate({ to: '/schedules' });
        }}
        onClose={close}
      >
        What became of its times is gone with it. Its tasks go on.
      </Confirm>
    </Page>
  );
};

const overlapTexts = {
  skip: 'skip the time',
  buffer_one: 'wait, one at most',
  buffer_all: 'wait, all of them',
  cancel_other: 'cancel the earlier task',
  allow_all: 'run both',
} as const satisfies Record<ScheduleDetail['overlap'], string>;

const skippedText = (skipped: ScheduleDetail['skipped']): string =>
  Object.entries(skipped)
    .map(([reason, times]) => `${counted(times, 'time')}: ${(skipTexts as Record<string, string>)[reason] ?? reason}`)
    .join('; ');

const About = ({ schedule }: { readonly schedule: ScheduleDetail }) => {
  const { task, overlap, running, pending, skipped, changed_at: changedAt } = schedule;
  const { author, author_name: authorName } = schedule;
  return (
    <Panel title="What and how">
      <div className="stack">
        <Facts
          facts={[
            { name: 'Task type', value: task.task_type },
            { name: 'Priority', value: task.priority },
            ...(task.notify === undefined ? [] : [{ name: 'Its end goes to', value: task.notify.join(', ') }]),
            { name: 'While one runs', value: overlapTexts[overlap] },
            { name: 'On failure', value: schedule.pause_on_failure ? 'pause' : 'go on' },
            { name: 'Running', value: counted(running, 'task') },
            { name: 'Waiting', value: counted(pending, 'time') },
            ...(Object.keys(skipped).length === 0 ? [] : [{ name: 'Skipped', value: skippedText(skipped) }]),
            {
              name: 'Author',
              value: (
                <span className={authorName === null ? 'mono schedule-author' : 'schedule-author'} title={author}>
                  {authorName ?? author}
                </span>
              ),
            },
            { name: 'Written', value: <RelativeTime at={changedAt} /> },
          ]}
        />
        <JsonView value={task.payload} label="Payload" />
      </div>
    </Panel>
  );
};

const Next = ({ schedule: { next, time_zone: zone, paused } }: { readonly schedule: ScheduleDetail }) => (
  <Panel title={paused === null ? 'The next ten times' : 'The next ten times, once it goes on'}>
    {next.length === 0 ? (
      <p className="muted">It has no time any more.</p>
    ) : (
      <ol className="schedule-times num">
        {next.map((at) => (
          <li key={at}>
            <time dateTime={at}>{inZone(at, zone)}</time>
          </li>
        ))}
      </ol>
    )}
  </Panel>
);
