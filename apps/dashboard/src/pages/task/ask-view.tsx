// What a task asked of language models: step by step, and what is left of its budgets.
import type { BudgetView, ModelCallView, TaskSpend, TaskView } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';

import { BudgetMeter } from '../../ui/budget-meter.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ErrorState } from '../../ui/error-state.js';
import { count, usd } from '../../ui/numbers.policy.js';
import { Panel } from '../../ui/page.js';
import { Skeleton } from '../../ui/skeleton.js';
import { Badge, type Tone } from '../../ui/status-badge.js';
import { duration } from '../../ui/time.policy.js';
import { type AskStep, askSteps } from './ask-steps.policy.js';
import { spendQuery } from './task-queries.js';

interface Look {
  readonly tone: Tone;
  readonly text: string;
}

const looks: Readonly<Record<NonNullable<ModelCallView['outcome']>, Look>> = {
  answered: { tone: 'ok', text: 'Answered' },
  overrun: { tone: 'warn', text: 'Cut off: too long' },
  refused: { tone: 'warn', text: 'Refused' },
  unsent: { tone: 'warn', text: 'No connection' },
  unknown: { tone: 'bad', text: 'Broke off' },
  lost: { tone: 'bad', text: 'Lost with its worker' },
};

const underWay: Look = { tone: 'info', text: 'Under way' };

const budgetTitles: Readonly<Record<BudgetView['scope'], string>> = {
  task: 'This task',
  tree: 'This task and its children',
  day: 'Today (UTC)',
};

const tookOf = ({ made_at: from, ended_at: to }: ModelCallView): string =>
  to === null ? '' : duration(Date.parse(to) - Date.parse(from));

const RequestRow = ({ step, call }: Extract<AskStep, { kind: 'request' }>) => {
  const { tone, text } = call.outcome === null ? underWay : looks[call.outcome];
  return (
    <tr>
      <td className="num">{step}</td>
      <th scope="row">{call.model}</th>
      <td>
        <Badge tone={tone}>{text}</Badge>
      </td>
      <td className="right num">{count(call.input_tokens)}</td>
      <td className="right num">{count(call.output_tokens)}</td>
      <td className="right num">{usd(call.micros)}</td>
      <td className="right num">{tookOf(call)}</td>
    </tr>
  );
};

const ToolRow = ({ step, tool, isOk }: Extract<AskStep, { kind: 'tool' }>) => (
  <tr>
    <td className="num">{step}</td>
    <th scope="row" className="mono">
      {tool}
    </th>
    <td>
      <Badge tone={isOk ? 'ok' : 'warn'}>{isOk ? 'Tool' : 'Tool, without success'}</Badge>
    </td>
    <td colSpan={4} />
  </tr>
);

const Steps = ({ steps }: { readonly steps: readonly AskStep[] }) => (
  <div className="budget-scroll" role="region" aria-label="Requests and tools" tabIndex={0}>
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">Step</th>
          <th scope="col">Model or tool</th>
          <th scope="col">Outcome</th>
          {['Input', 'Output', 'Money', 'Took'].map((title) => (
            <th key={title} scope="col" className="right">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {steps.map((one, place) =>
          one.kind === 'request' ? <RequestRow key={one.call.call_id} {...one} /> : <ToolRow key={place} {...one} />,
        )}
      </tbody>
    </table>
  </div>
);

const Shown = ({ spend, task }: { readonly spend: TaskSpend; readonly task: TaskView }) => {
  const steps = askSteps(spend, task.result);
  if (steps.length === 0)
    return (
      <EmptyState icon="bolt" title="No model was asked yet">
        Each request appears here as soon as it is sent.
      </EmptyState>
    );
  return (
    <div className="ask-panels">
      <Panel title="Steps" isFlush>
        <Steps steps={steps} />
      </Panel>
      {spend.budgets.map((budget) => (
        <Panel key={budget.scope} title={`Budget: ${budgetTitles[budget.scope]}`} isFlush>
          <BudgetMeter title={budgetTitles[budget.scope]} budget={budget} />
        </Panel>
      ))}
    </div>
  );
};

export const AskView = ({ task }: { readonly task: TaskView }) => {
  const { data, error, refetch } = useQuery(spendQuery(task));
  if (data !== undefined) return <Shown spend={data} task={task} />;
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return <Skeleton height="240px" />;
};
