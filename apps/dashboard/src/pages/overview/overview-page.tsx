import './overview.css';

import type { TaskPage } from '@pulser/contracts';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';

import { api } from '../../api/client.js';
import { useCommands } from '../../app/commands.js';
import { useKeys } from '../../app/keyboard.js';
import { type Range, ranges, rangeTexts, usualRange } from '../../telemetry/range.policy.js';
import { telemetryQuery } from '../../telemetry/telemetry-query.js';
import { Button } from '../../ui/button.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { Choice } from '../../ui/choice.js';
import { Page, Panel } from '../../ui/page.js';
import { Skeleton } from '../../ui/skeleton.js';
import { pausesQuery } from '../agents/agent-queries.js';
import { usePauseCommands, usePausing } from '../agents/pausing.js';
import { FirstTask } from '../submit/first-task.js';
import { AgentLights } from './agent-lights.js';
import { NeedsYou } from './needs-you.js';
import { OpenTasks, openTotal, Queues } from './open-tasks.js';
import type { OverviewSearch } from './overview-route.js';
import { ReportNote, useReport } from './report.js';
import { statusQuery } from './status-query.js';

// An installation without tasks has no charts, and who comes first has none to load.
const Charts = lazy(() => import('./charts.js').then(({ Charts: component }) => ({ default: component })));

/** Whether there is no task at all: asked only while nothing else says so. Undefined until it is known. */
const useIsNew = (isQuiet: boolean | undefined): boolean | undefined => {
  const { data, isError } = useQuery({
    queryKey: ['status', 'any task'],
    queryFn: ({ signal }) => api.get<TaskPage>('/api/v1/tasks', { query: { limit: 1 }, signal }),
    enabled: isQuiet === true,
    meta: { liveEveryMs: 1_500 },
  });
  if (isQuiet !== true || isError) return isQuiet === undefined ? undefined : false;
  return data === undefined ? undefined : data.tasks.length === 0;
};

/** The places of the charts, so that nothing jumps when they come. */
const ChartsToCome = () => (
  <div className="grid">
    {['Throughput', 'P95 by agent'].map((title) => (
      <Panel key={title} title={title}>
        <Skeleton height="254px" />
      </Panel>
    ))}
  </div>
);

export const OverviewPage = () => {
  const search = useSearch({ from: '/frame/' });
  const navigate = useNavigate();
  const { range = usualRange, count = 'completed', time = 'run', report: reportId } = search;
  const status = useQuery(statusQuery);
  // Agents stay in sight while those of another range are asked for: their states are those of now either way.
  const health = useQuery({ ...telemetryQuery('health', range), placeholderData: keepPreviousData });
  const pauseList = useQuery(pausesQuery('tenant'));
  const pauses = pauseList.data?.pauses ?? [];
  const pausing = usePausing();
  const goTo = (next: OverviewSearch): void => {
    void navigate({ to: '/', search: { ...search, ...next }, replace: true });
  };
  const report = useReport({
    range,
    onSubmitted: (id) => {
      goTo({ report: id });
    },
  });
  const setRange = (next: Range): void => {
    goTo({ range: next });
  };
  useKeys('Overview', [
    ...ranges.map((one, index) => ({
      keys: String(index + 1),
      label: `The last ${rangeTexts[one]}`,
      run: () => {
        setRange(one);
      },
    })),
  ]);
  useCommands('Overview', [
    ...ranges.map((one) => ({
      id: one,
      title: `Overview of the last ${rangeTexts[one]}`,
      icon: 'overview' as const,
      run: () => {
        setRange(one);
      },
    })),
    ...(report.mayAct
      ? [{ id: 'report', title: 'Make a PDF report', icon: 'download' as const, words: 'export', run: report.make }]
      : []),
  ]);
  const agents = health.data?.agents ?? [];
  usePauseCommands(
    agents.map(({ agent }) => agent),
    pauses,
    pausing,
  );
  const open = status.data === undefined ? undefined : openTotal(status.data.tasks);
  const isQuiet =
    open === undefined || health.data === undefined
      ? undefined
      : open === 0 && agents.every(({ completed, failed: wrong }) => completed + wrong === 0);
  const isNew = useIsNew(isQuiet);
  // What has had tasks stays so: charts of another range take the places of these.
  const [hasTasks, setHasTasks] = useState(false);
  if (isNew === false && !hasTasks) setHasTasks(true);
  const [wasNew, setWasNew] = useState(false);
  if (isNew === true && !wasNew) setWasNew(true);
  const client = useQueryClient();
  useEffect(() => {
    // The figures of the charts were asked for with the page, when there was nothing to draw.
    if (wasNew && hasTasks) void client.invalidateQueries({ queryKey: ['telemetry'] });
  }, [wasNew, hasTasks, client]);

  const [failed] = [status, health].filter(({ data, error }) => data === undefined && error !== null);
  if (failed !== undefined) {
    return (
      <Page title="Overview">
        <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />
      </Page>
    );
  }
  const lights = (
    <Panel title="Agents" isFlush>
      {health.data === undefined ? (
        <p className="quiet-line">Loading</p>
      ) : agents.length === 0 ? (
        <EmptyState icon="agents" title="No agent has registered" command="npm start">
          Agents register what they can do when their workers start.
        </EmptyState>
      ) : (
        <AgentLights health={health.data} pauses={pauses} isOld={health.isPlaceholderData} />
      )}
    </Panel>
  );
  return (
    <Page
      title="Overview"
      actions={
        <>
          <Choice<Range>
            label="Range"
            value={range}
            onChange={setRange}
            options={ranges.map((id) => ({ id, text: rangeTexts[id] }))}
          />
          {report.mayAct && (
            <Button icon="download" isPending={report.isPending} onPress={report.make}>
              PDF
            </Button>
          )}
        </>
      }
    >
      {reportId !== undefined && (
        <ReportNote
          taskId={reportId}
          onClose={() => {
            goTo({ report: undefined });
          }}
        />
      )}
      <OpenTasks tasks={status.data?.tasks} />
      <div className="split">
        {status.data === undefined ? (
          <Panel title="Needs you">
            <Skeleton />
          </Panel>
        ) : (
          <NeedsYou
            status={status.data}
            health={health.data}
            pauses={pauseList.data?.pauses}
            isPartial={pauseList.isError && pauseList.data === undefined}
            pausing={pausing}
          />
        )}
        <Panel title="Queued by agent" isFlush>
          {status.data === undefined ? <p className="quiet-line">Loading</p> : <Queues queues={status.data.queues} />}
        </Panel>
      </div>
      {!hasTasks && isNew === true && (
        <>
          <FirstTask icon="overview">Charts appear with the first task.</FirstTask>
          {lights}
        </>
      )}
      {!hasTasks && isNew === undefined && (
        <>
          <ChartsToCome />
          {lights}
        </>
      )}
      {hasTasks && (
        <Suspense fallback={<ChartsToCome />}>
          <Charts
            {...{ range, count, time }}
            open={open ?? 0}
            onCount={(next) => {
              goTo({ count: next });
            }}
            onTime={(next) => {
              goTo({ time: next });
            }}
          >
            {lights}
          </Charts>
        </Suspense>
      )}
      {pausing.dialog}
    </Page>
  );
};
