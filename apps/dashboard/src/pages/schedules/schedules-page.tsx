import './schedules.css';

import type { ScheduleList, ScheduleView } from '@pulser/contracts';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { api } from '../../api/client.js';
import { ThingPage } from '../../things/thing-page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { toast } from '../../ui/toast.js';
import type { Column } from '../../ui/virtual-table.js';
import { FireState, ScheduleState } from './schedule-state.js';
import { ScheduleDialog } from './schedule-dialog.js';
import { whenText } from './schedule-text.policy.js';

const columns: readonly Column<ScheduleView>[] = [
  {
    id: 'name',
    title: 'Name',
    width: 'minmax(110px, 1.4fr)',
    cell: ({ name }) => <span className="mono truncate">{name}</span>,
  },
  {
    id: 'when',
    title: 'When',
    width: 'minmax(140px, 1.6fr)',
    from: 620,
    cell: (schedule) => <span className="truncate">{whenText(schedule)}</span>,
  },
  {
    id: 'task',
    title: 'Task',
    width: 'minmax(90px, 1fr)',
    from: 900,
    cell: ({ task }) => <span className="truncate">{task.task_type}</span>,
  },
  {
    id: 'state',
    title: 'Next',
    width: 'minmax(120px, 1fr)',
    cell: (schedule) => <ScheduleState schedule={schedule} />,
  },
  {
    id: 'last',
    title: 'Last outcome',
    width: '130px',
    from: 480,
    cell: ({ last }) => (last === null ? <span className="muted">none</span> : <FireState state={last.state} />),
  },
  {
    id: 'lastAt',
    title: 'Last',
    width: '88px',
    isRight: true,
    from: 760,
    cell: ({ last }) => (last === null ? null : <RelativeTime at={last.nominal_at} isQuiet />),
  },
];

const command = `curl -sS -X PUT ${location.origin}/api/v1/schedules/hourly -H "Authorization: Bearer $KEY" \\
  -H 'Content-Type: application/json' -d '{"when": {"kind": "cron", "expression": "0 * * * *"},
  "task": {"task_type": "analytics", "payload": {"operation": "telemetry_report"}}}'`;

const list = {
  key: ['schedules'],
  read: async (signal: AbortSignal) => (await api.get<ScheduleList>('/api/v1/schedules', { signal })).schedules,
  everyMs: 5_000,
};

const nameOf = ({ name }: ScheduleView): string => name;

export const SchedulesPage = () => {
  const { create } = useSearch({ from: '/frame/schedules' });
  const navigate = useNavigate();
  const form = (isOpen: boolean): void => {
    void navigate({ to: '/schedules', search: isOpen ? { create: true } : {}, replace: true });
  };
  const show = ({ name }: { readonly name: string }): void => {
    void navigate({ to: '/schedules/$name', params: { name } });
  };
  return (
    <ThingPage<ScheduleView>
      title="Schedules"
      noun="schedule"
      icon="clock"
      intro="Tasks that are submitted at times to come."
      {...{ columns, list }}
      idOf={nameOf}
      onOpen={show}
      add={{
        ...{ least: 'operator', label: 'New schedule', command },
        ...{ how: 'Create one here.', who: 'Operators create them.' },
        run: () => {
          form(true);
        },
      }}
    >
      {({ mayWrite, refresh }) =>
        create === true &&
        mayWrite && (
          <ScheduleDialog
            onDone={(schedule) => {
              toast.done(`${schedule.name} is there`);
              refresh();
              show(schedule);
            }}
            onClose={() => {
              form(false);
            }}
          />
        )
      }
    </ThingPage>
  );
};
