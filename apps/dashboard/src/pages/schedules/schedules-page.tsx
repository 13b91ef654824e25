import './schedules.css';

import type { ScheduleList, ScheduleView } from '@pulser/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { api } from '../../api/client.js';
import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { useMay } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { Page } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { toast } from '../../ui/toast.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
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

const listKey = ['schedules'];

export const SchedulesPage = () => {
  const { create } = useSearch({ from: '/frame/schedules' });
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayWrite = useMay('operator');
  const { data, error, refetch } = useQuery({
    queryKey: listKey,
    queryFn: async ({ signal }) => (await api.get<ScheduleList>('/api/v1/schedules', { signal })).schedules,
    refetchInterval: 5_000,
  });
  const form = (isOpen: boolean): void => {
    void navigate({ to: '/schedules', search: isOpen ? { create: true } : {}, replace: true });
  };
  const add = (): void => {
    form(true);
  };
  const show = (name: string): void => {
    void navigate({ to: '/schedules/$name', params: { name } });
  };
  useKeys('Schedules', mayWrite ? [{ keys: 'c', label: 'New schedule', run: add }] : []);
  useCommands('Schedules', mayWrite ? [{ id: 'add', title: 'New schedule', icon: 'plus', run: add }] : []);
  return (
    <Page
      title="Schedules"
      intro="Tasks that are submitted at times to come."
      isFull={data !== undefined && data.length > 0}
      actions={
        mayWrite ? (
          <Button kind="primary" icon="plus" onPress={add}>
            New schedule
          </Button>
        ) : undefined
      }
    >
      {data === undefined ? (
        error === null ? (
          <Skeleton height="240px" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : data.length === 0 ? (
        <EmptyState icon="clock" title="No schedule yet" command={command}>
          {mayWrite ? 'Create one here. From a shell:' : 'Operators create them. From a shell:'}
        </EmptyState>
      ) : (
        <div className="list-panel">
          <VirtualTable
            label="Schedules"
            rows={data}
            columns={columns}
            idOf={({ name }) => name}
            onOpen={({ name }) => {
              show(name);
            }}
          />
        </div>
      )}
      {create === true && mayWrite && (
        <ScheduleDialog
          onDone={({ name }) => {
            toast.done(`${name} is there`);
            void client.invalidateQueries({ queryKey: listKey });
            show(name);
          }}
          onClose={() => {
            form(false);
          }}
        />
      )}
    </Page>
  );
};
