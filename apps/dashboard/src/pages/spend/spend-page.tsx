// What the tenant spent on language models: by day, agent and model, and what is left of today.
import './spend.css';

import type { SpendView } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';

import { api } from '../../api/client.js';
import { LazyChart } from '../../telemetry/lazy-chart.js';
import { BudgetMeter, nearlyUsed } from '../../ui/budget-meter.js';
import { Choice } from '../../ui/choice.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState, Note } from '../../ui/error-state.js';
import { count, counted, percent, usd } from '../../ui/numbers.policy.js';
import { Page, Panel } from '../../ui/page.js';
import { Skeleton } from '../../ui/skeleton.js';
import { type SpendBy, spendBys, type SpendDays, spendDays } from './spend-route.js';
import { chartOf, firstDay, partsOf } from './spend-sums.policy.js';

const byTexts: Readonly<Record<SpendBy, string>> = { agent: 'Agent', model: 'Model' };

const spendQuery = (days: SpendDays) => ({
  queryKey: ['spend', days],
  queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
    api.get<SpendView>('/api/v1/spend', {
      query: { from: firstDay(days, Date.now()), group_by: 'day,agent,model' },
      signal,
    }),
  meta: { liveEveryMs: 3_000 },
});

const command = `curl -sS ${location.origin}/api/v1/tasks -H "Authorization: Bearer $KEY" \\
  -H 'Content-Type: application/json' -d '{"task_type": "analytics",
  "payload": {"operation": "ask", "question": "What can you do?"}}'`;

export const SpendPage = () => {
  const { days = '30', by = 'agent' } = useSearch({ from: '/frame/spend' });
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(spendQuery(days));
  const show = (search: { readonly days?: SpendDays; readonly by?: SpendBy }): void => {
    void navigate({ to: '/spend', search: { days, by, ...search }, replace: true });
  };
  return (
    <Page
      title="Spend"
      intro="What agents spent on language models when they were asked."
      actions={
        <Choice<SpendDays>
          label="How many days"
          value={days}
          onChange={(next) => {
            show({ days: next });
          }}
          options={spendDays.map((id) => ({ id, text: `${id} d` }))}
        />
      }
    >
      {data === undefined ? (
        error === null ? (
          <Skeleton height="320px" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <>
          <Today view={data} />
          {data.sums.length === 0 ? (
            <EmptyState icon="bolt" title={`Nothing was spent in ${days} days`} command={command}>
              It appears here when an agent is asked. From a shell:
            </EmptyState>
          ) : (
            <Spent
              view={data}
              by={by}
              onBy={(next) => {
                show({ by: next });
              }}
            />
          )}
        </>
      )}
    </Page>
  );
};

const Today = ({ view: { today } }: { readonly view: SpendView }) =>
  today === null ? null : (
    <>
      {today.used >= nearlyUsed && (
        <Note kind="warn" icon="alert">
          <p>
            {today.used >= 1
              ? 'The budget of today is used up.'
              : `${percent(today.used)} of the budget of today is used.`}{' '}
            {today.used >= 1 ? 'Agents refuse' : 'When all of it is, agents refuse'} to be asked until the day (UTC)
            ends, or an administrator raises the setting <code>budgets</code>.
          </p>
        </Note>
      )}
      <Panel title="Budget of today" isFlush>
        <BudgetMeter title="Today (UTC)" budget={today} />
      </Panel>
    </>
  );

interface SpentProps {
  readonly view: SpendView;
  readonly by: SpendBy;
  readonly onBy: (by: SpendBy) => void;
}

const Spent = ({ view, by, onBy }: SpentProps) => {
  const chart = useMemo(() => chartOf(view, by), [view, by]);
  const { total } = view;
  return (
    <Panel
      title={`${usd(total.micros)} for ${counted(total.calls, 'request')}`}
      aside={
        <Choice<SpendBy>
          label="By what"
          value={by}
          onChange={onBy}
          options={spendBys.map((id) => ({ id, text: byTexts[id] }))}
        />
      }
      isFlush
    >
      <div className="spend-chart">
        <LazyChart
          title={`US dollars per day and ${by}`}
          kind="bars"
          data={chart}
          valueText={(dollars) => usd(dollars * 1_000_000)}
        />
      </div>
      <Parts view={view} by={by} />
    </Panel>
  );
};

const Parts = ({ view, by }: Omit<SpentProps, 'onBy'>) => (
  <div className="budget-scroll" role="region" aria-label={`Spend by ${by}`} tabIndex={0}>
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">{byTexts[by]}</th>
          {['Money', 'Requests', 'Input tokens', 'Output tokens'].map((title) => (
            <th key={title} scope="col" className="right">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {partsOf(view.sums, by).map(({ name, micros, calls, input_tokens: input, output_tokens: output }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className="right num">{usd(micros)}</td>
            <td className="right num">{count(calls)}</td>
            <td className="right num">{count(input)}</td>
            <td className="right num">{count(output)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
