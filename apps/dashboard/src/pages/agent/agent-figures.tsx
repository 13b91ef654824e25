// How an agent did with the tenant's tasks in a range of time.
import type { AgentHealth, TelemetryLatency } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { PlaceLink } from '../../app/place-link.js';
import { LazyChart } from '../../telemetry/lazy-chart.js';
import { type Range, anyOpen, rangeTexts, stepText, tasksPlace } from '../../telemetry/range.policy.js';
import { telemetryQuery } from '../../telemetry/telemetry-query.js';
import { bucketAt, columnsOf } from '../../telemetry/timeline.policy.js';
import { ErrorState } from '../../ui/error-state.js';
import { Choice } from '../../ui/choice.js';
import { count, percent } from '../../ui/numbers.policy.js';
import { Panel } from '../../ui/page.js';
import { exactTime } from '../../ui/relative-time.js';
import { Skeleton } from '../../ui/skeleton.js';
import { duration } from '../../ui/time.policy.js';
import { WideTable } from '../../ui/wide-table.js';
import type { times } from './agent-route.js';

const secondsOf = (instant: string): number => Date.parse(instant) / 1_000;

interface FigureProps {
  readonly name: string;
  readonly text: string;
  readonly place?: string;
}

const Figure = ({ name, text, place }: FigureProps) => {
  const inside = (
    <>
      <span className="name">{name}</span>
      <span className="num">{text}</span>
    </>
  );
  if (place === undefined) return <div className="agent-figure">{inside}</div>;
  return (
    <PlaceLink className="agent-figure" place={place}>
      {inside}
    </PlaceLink>
  );
};

interface FiguresProps {
  readonly health: AgentHealth;
  /** Begin of the range that was asked for (RFC 3339). */
  readonly from: string;
  readonly to: string;
}

/** The numbers of the range; each leads to its tasks. */
export const Figures = ({ health, from, to }: FiguresProps) => {
  const { agent, open, completed, failed, error_rate: rate } = health;
  const of = (status: string): string => tasksPlace({ agent, status, fromS: secondsOf(from), toS: secondsOf(to) });
  return (
    <section className="agent-figures" aria-label="Figures">
      <Figure name="Open now" text={count(open)} place={tasksPlace({ agent, status: anyOpen })} />
      <Figure name="Completed" text={count(completed)} place={of('completed')} />
      <Figure name="Failed" text={count(failed)} place={of('failed')} />
      <Figure name="Error rate" text={rate === null ? '–' : percent(rate)} place={of('failed,completed')} />
    </section>
  );
};

type Time = (typeof times)[number];
type Totals = TelemetryLatency['series'][number]['total'];

const measures = [
  ['mean', 'Mean'],
  ['p50', 'P50'],
  ['p95', 'P95'],
  ['p99', 'P99'],
] as const;

const rowsOf = [
  ['wait', 'Wait'],
  ['run', 'Run'],
] as const;

const TimesTable = ({ total }: { readonly total: Totals }) => (
  <WideTable label="Wait and run time as a table">
    <table className="plain-table">
      <caption className="visually-hidden">Wait and run time</caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          {measures.map(([id, text]) => (
            <th key={id} scope="col" className="right">
              {text}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rowsOf.map(([time, text]) => (
          <tr key={time}>
            <th scope="row">{text}</th>
            {measures.map(([id]) => (
              <td key={id} className="right num">
                {duration(total[`${time}_${id}_ms`])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </WideTable>
);

interface ChartsProps {
  readonly agent: string;
  readonly range: Range;
}

interface TimesProps extends ChartsProps {
  readonly time: Time;
  readonly onTime: (time: Time) => void;
}

/** Wait and run of the tasks that completed: their quantiles in all, and over time. */
export const Times = ({ agent, range, time, onTime }: TimesProps) => {
  const query = useQuery(telemetryQuery('latency', range, { agent }));
  const { data, error } = query;
  const chart = useMemo(
    () => ({
      at: data?.times ?? [],
      series:
        data === undefined
          ? []
          : columnsOf(data, {
              [`${time}_p50_ms`]: { name: 'P50', color: '--series-3' },
              [`${time}_p95_ms`]: { name: 'P95', color: '--series-1' },
              [`${time}_p99_ms`]: { name: 'P99', color: '--series-2' },
            }),
    }),
    [data, time],
  );
  const total = data?.series[0]?.total;
  return (
    <Panel
      title="Wait and run time"
      aside={
        <Choice<Time>
          label="Which time"
          value={time}
          onChange={onTime}
          options={[
            { id: 'run', text: 'Run' },
            { id: 'wait', text: 'Wait' },
          ]}
        />
      }
    >
      {data === undefined ? (
        error === null ? (
          <Skeleton height="340px" />
        ) : (
          <ErrorState error={error} onRetry={() => void query.refetch()} />
        )
      ) : total === undefined || total.completed === 0 ? (
        <p className="muted">{`No task of yours has completed in the last ${rangeTexts[range]}.`}</p>
      ) : (
        <div className="stack">
          <TimesTable total={total} />
          <LazyChart
            title={`${time === 'run' ? 'Run' : 'Wait'} time of ${agent} per ${stepText(data.step_s)}`}
            data={chart}
            height={200}
            valueText={duration}
            placeOf={(_, at) => tasksPlace({ ...bucketAt(data, at), agent, status: 'completed' })}
          />
          <Kept from={data.kept_from} />
        </div>
      )}
    </Panel>
  );
};

const Kept = ({ from }: { readonly from: string | null }) =>
  from === null ? null : <p className="muted">{`Before ${exactTime(from)} no figures are kept.`}</p>;

const outcomes = { completed: 'completed', failed: 'failed', cancelled: 'cancelled' } as const;

/** How the agent's tasks ended, over time. */
export const Outcomes = ({ agent, range }: ChartsProps) => {
  const query = useQuery(telemetryQuery('throughput', range, { agent }));
  const { data, error } = query;
  const chart = useMemo(
    () => ({
      at: data?.times ?? [],
      series:
        data === undefined
          ? []
          : columnsOf(data, {
              completed: { name: outcomes.completed, color: '--series-3' },
              failed: { name: outcomes.failed, color: '--series-8' },
              cancelled: { name: outcomes.cancelled, color: '--series-7' },
            }),
    }),
    [data],
  );
  return (
    <Panel title="Ended tasks">
      {data === undefined ? (
        error === null ? (
          <Skeleton height="340px" />
        ) : (
          <ErrorState error={error} onRetry={() => void query.refetch()} />
        )
      ) : chart.series.length === 0 ? (
        <p className="muted">{`Nothing happened to tasks of yours in the last ${rangeTexts[range]}.`}</p>
      ) : (
        <div className="stack">
          <LazyChart
            title={`Ended tasks of ${agent} per ${stepText(data.step_s)}`}
            kind="bars"
            height={296}
            data={chart}
            placeOf={(status, at) => tasksPlace({ ...bucketAt(data, at), agent, status })}
          />
          <Kept from={data.kept_from} />
        </div>
      )}
    </Panel>
  );
};
