// The charts of the overview: each is one question to the API, and every point of them leads to its tasks.
import type { UseQueryResult } from '@tanstack/react-query';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';

import { LazyChart } from '../../telemetry/lazy-chart.js';
import { type Range, anyOpen, rangeTexts, stepText, tasksPlace } from '../../telemetry/range.policy.js';
import { telemetryQuery } from '../../telemetry/telemetry-query.js';
import {
  bucketAt,
  columnsOf,
  layersOf,
  linesOf,
  others,
  type Timeline,
  withLast,
} from '../../telemetry/timeline.policy.js';
import { ErrorState } from '../../ui/error-state.js';
import { Choice } from '../../ui/choice.js';
import { counted } from '../../ui/numbers.policy.js';
import { Panel } from '../../ui/page.js';
import { exactTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { duration } from '../../ui/time.policy.js';
import { HeatMap } from './heat-map.js';
import { heatRowsOf } from './heat-map.policy.js';
import type { counts, latencies } from './overview-route.js';

const chartHeight = 220;

interface ChartPanelProps<Answer> {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly query: UseQueryResult<Answer>;
  /** Agents that are not drawn, where they are more than those that the answer leaves out. */
  readonly leftOut?: number;
  readonly children: (answer: Answer) => ReactNode;
}

/** A panel with the three ends of a question: not answered yet, failed, answered. */
const ChartPanel = <Answer extends Pick<Timeline, 'kept_from' | 'left_out'>>(props: ChartPanelProps<Answer>) => {
  const { title, aside, query, leftOut, children } = props;
  const { data, error } = query;
  return (
    <Panel title={title} aside={aside}>
      {data !== undefined ? (
        <>
          {children(data)}
          <Remarks keptFrom={data.kept_from} leftOut={leftOut ?? data.left_out} />
        </>
      ) : error === null ? (
        <Skeleton height={`${chartHeight + 34}px`} />
      ) : (
        <ErrorState error={error} onRetry={() => void query.refetch()} />
      )}
    </Panel>
  );
};

interface RemarksProps {
  readonly keptFrom: string | null;
  readonly leftOut: number;
}

/** What a reader has to know so that no figure says what is not so. */
const Remarks = ({ keptFrom, leftOut }: RemarksProps) => {
  if (keptFrom === null && leftOut === 0) return null;
  return (
    <p className="chart-remark">
      {keptFrom !== null && `Before ${exactTime(keptFrom)} no figures are kept. `}
      {leftOut > 0 && `${counted(leftOut, 'agent')} with fewer tasks not shown.`}
    </p>
  );
};

const Nothing = ({ what, range }: { readonly what: string; readonly range: Range }) => (
  <p className="chart-nothing">{`No task has ${what} in the last ${rangeTexts[range]}.`}</p>
);

const countLooks = {
  completed: { text: 'Completed', done: 'completed', status: 'completed' },
  failed: { text: 'Failed', done: 'failed', status: 'failed' },
  submitted: { text: 'Submitted', done: 'been submitted', status: undefined },
  retries: { text: 'Retries', done: 'been retried', status: undefined },
} as const;

type Count = (typeof counts)[number];
type Time = (typeof latencies)[number];

interface ThroughputProps {
  readonly range: Range;
  readonly count: Count;
  readonly onCount: (count: Count) => void;
}

const Throughput = ({ range, count, onCount }: ThroughputProps) => {
  const query = useQuery(telemetryQuery('throughput', range, { group_by: 'agent' }));
  const { data } = query;
  const series = useMemo(() => (data === undefined ? [] : layersOf(data, count)), [data, count]);
  const chart = useMemo(() => ({ at: data?.times ?? [], series }), [data, series]);
  const { text, done, status } = countLooks[count];
  return (
    <ChartPanel
      title="Throughput"
      query={query}
      aside={
        <Choice<Count>
          label="What is counted"
          value={count}
          onChange={onCount}
          options={Object.entries(countLooks).map(([id, look]) => ({ id: id as Count, text: look.text }))}
        />
      }
    >
      {(answer) =>
        series.length === 0 ? (
          <Nothing what={done} range={range} />
        ) : (
          <LazyChart
            title={`${text} per ${stepText(answer.step_s)} and agent`}
            kind="bars"
            height={chartHeight}
            data={chart}
            placeOf={(agent, at) =>
              tasksPlace({ ...bucketAt(answer, at), status, agent: agent === others ? undefined : agent })
            }
          />
        )
      }
    </ChartPanel>
  );
};

const timeTexts = { run: 'Run', wait: 'Wait' } as const;

interface LatencyProps {
  readonly range: Range;
  readonly time: Time;
  readonly onTime: (time: Time) => void;
}

const Latency = ({ range, time, onTime }: LatencyProps) => {
  const query = useQuery(telemetryQuery('latency', range, { group_by: 'agent' }));
  const { data } = query;
  const { lines, leftOut } = useMemo(
    () => (data === undefined ? { lines: [], leftOut: 0 } : linesOf(data, `${time}_p95_ms`)),
    [data, time],
  );
  const chart = useMemo(() => ({ at: data?.times ?? [], series: lines }), [data, lines]);
  return (
    <ChartPanel
      title="P95 by agent"
      query={query}
      leftOut={leftOut}
      aside={
        <Choice<Time>
          label="Which time"
          value={time}
          onChange={onTime}
          options={Object.entries(timeTexts).map(([id, text]) => ({ id: id as Time, text }))}
        />
      }
    >
      {(answer) =>
        lines.length === 0 ? (
          <Nothing what="completed" range={range} />
        ) : (
          <LazyChart
            title={`P95 of the ${time} time per ${stepText(answer.step_s)} and agent`}
            height={chartHeight}
            data={chart}
            valueText={duration}
            placeOf={(agent, at) => tasksPlace({ ...bucketAt(answer, at), agent, status: 'completed' })}
          />
        )
      }
    </ChartPanel>
  );
};

interface DepthProps {
  readonly range: Range;
  /** Tasks that have not ended, as they are known to be now. */
  readonly open: number;
}

const Depth = ({ range, open }: DepthProps) => {
  const query = useQuery(telemetryQuery('depth', range));
  const { data } = query;
  const chart = useMemo(() => {
    const series = data === undefined ? [] : columnsOf(data, { open: { name: 'open tasks', color: '--series-1' } });
    return { at: data?.times ?? [], series: series.map((one) => ({ ...one, values: withLast(one.values, open) })) };
  }, [data, open]);
  return (
    <ChartPanel title="Queue depth" query={query}>
      {(answer) =>
        chart.series.every(({ values }) => values.every((value) => (value ?? 0) === 0)) ? (
          <p className="chart-nothing">
            {`No task is open, nor was one at the end of any ${stepText(answer.step_s)} of the last ${rangeTexts[range]}.`}
          </p>
        ) : (
          <LazyChart
            title={`Open tasks at the end of each ${stepText(answer.step_s)}`}
            kind="area"
            height={chartHeight}
            data={chart}
            placeOf={(_, at) =>
              at === answer.times.at(-1) ? tasksPlace({ status: anyOpen }) : tasksPlace(bucketAt(answer, at))
            }
          />
        )
      }
    </ChartPanel>
  );
};

const Errors = ({ range }: { readonly range: Range }) => {
  const query = useQuery(telemetryQuery('errors', range, { group_by: 'agent' }));
  const { data } = query;
  const rows = useMemo(() => (data === undefined ? [] : heatRowsOf(data)), [data]);
  return (
    <ChartPanel title="Error rate" query={query}>
      {(answer) =>
        rows.length === 0 ? (
          <Nothing what="ended" range={range} />
        ) : (
          <HeatMap title={`Error rate per ${stepText(answer.step_s)} and agent`} rows={rows} stepS={answer.step_s} />
        )
      }
    </ChartPanel>
  );
};

interface ChartsProps {
  readonly range: Range;
  readonly count: Count;
  readonly time: Time;
  readonly onCount: (count: Count) => void;
  readonly onTime: (time: Time) => void;
  /** Tasks that have not ended, as they are known to be now. */
  readonly open: number;
  /** What stands beside the open tasks. */
  readonly children: ReactNode;
}

/** What happened to tasks in the range. */
export const Charts = ({ range, count, time, onCount, onTime, open, children }: ChartsProps) => (
  <>
    <div className="grid">
      <Throughput range={range} count={count} onCount={onCount} />
      <Latency range={range} time={time} onTime={onTime} />
    </div>
    <Errors range={range} />
    <div className="grid">
      <Depth range={range} open={open} />
      {children}
    </div>
    <p className="muted">
      A point leads to the tasks that were submitted in its time. Charts count when something happened: what was
      submitted earlier is counted there, and listed under the time of its submission.
    </p>
  </>
);
