import type { AgentCondition, AgentHealthHistory, AgentHealthStep, AgentStatusChange } from '@pulser/contracts';
import { queryOptions, useQuery } from '@tanstack/react-query';

import { api } from '../../api/client.js';
import { beginOf, type Range, stepText } from '../../telemetry/range.policy.js';
import { Note } from '../../ui/error-state.js';
import { Panel } from '../../ui/page.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { duration } from '../../ui/time.policy.js';
import { AgentLight } from '../agents/agent-state.js';
import { type Mark, marksOf, stepSeconds, stripText } from './health-strip.policy.js';

const freshMs = 30_000;

const historyQuery = (agent: string, range: Range) =>
  queryOptions({
    queryKey: ['agents', agent, 'health', range],
    queryFn: ({ signal }) =>
      api.get<AgentHealthHistory>(`/api/v1/agents/${encodeURIComponent(agent)}/health`, {
        query: { from: beginOf(range, Date.now()) },
        signal,
      }),
    meta: { liveEveryMs: freshMs, shows: ['agents'] as const },
    refetchInterval: freshMs,
  });

/** Changes that are shown. */
const shownChanges = 6;

const titleOf = ({ at, look, step }: Mark): string => {
  const when = new Date(at).toLocaleString();
  if (step === undefined || look === 'unknown') return `${when}: nobody looked`;
  const canary = step.canary_max_ms === null ? 'no canary' : `canary up to ${duration(step.canary_max_ms)}`;
  return `${when}: ${look}, ${canary}`;
};

/** A mark for each step, its colour the worst status of it. */
const Strip = ({ marks }: { readonly marks: readonly Mark[] }) => (
  <div className="health-strip" role="img" aria-label={stripText(marks)}>
    {marks.map((mark) => (
      <span key={mark.at} className={`health-mark is-${mark.look}`} title={titleOf(mark)} />
    ))}
  </div>
);

/** Canaries of the latest step that had some. */
const canaryText = (steps: readonly AgentHealthStep[]): string => {
  const latest = steps.findLast((step) => step.canary_mean_ms !== null);
  if (latest?.canary_mean_ms === undefined || latest.canary_mean_ms === null) return 'No canary has come back yet';
  return `Canary ${duration(latest.canary_mean_ms)}`;
};

const whatIsDone = ({ share, stand_in: standIn }: Pick<AgentCondition, 'share' | 'stand_in'>): string | undefined =>
  standIn === null ? undefined : `${share} % of its new tasks go to it, the rest to ${standIn}`;

const Change = ({ change }: { readonly change: AgentStatusChange }) => (
  <tr>
    <td>
      <RelativeTime at={change.at} isQuiet />
    </td>
    <td>
      <AgentLight state={change.status} />
    </td>
    <td>{[...change.reasons, whatIsDone(change)].filter(Boolean).join('; ') || 'Nothing speaks against it'}</td>
  </tr>
);

interface AgentHealthProps {
  readonly agent: string;
  readonly condition: AgentCondition | undefined;
  readonly range: Range;
}

/** How an agent is and was: by the health service, the same for all tenants. */
export const AgentHealthPanel = ({ agent, condition, range }: AgentHealthProps) => {
  const { data } = useQuery(historyQuery(agent, range));
  const done = condition === undefined ? undefined : whatIsDone(condition);
  return (
    <Panel title="Health">
      {condition?.status === 'unknown' && (
        <Note kind="warn" icon="alert">
          No health service watches it: start one with <code>npm start</code> or <code>apps/health</code>.
        </Note>
      )}
      {done !== undefined && (
        <Note kind="warn" icon="alert">
          {done}.
        </Note>
      )}
      {data !== undefined && data.steps.length > 0 && (
        <>
          <p className="muted">{`${canaryText(data.steps)}. One mark per ${stepText(stepSeconds(data))}.`}</p>
          <Strip marks={marksOf(data)} />
        </>
      )}
      {data?.steps.length === 0 && <p className="quiet-line">Nothing was measured in this time.</p>}
      {data !== undefined && data.changes.length > 0 && (
        <table className="plain-table">
          <caption className="visually-hidden">Changes of its status</caption>
          <tbody>
            {data.changes.slice(0, shownChanges).map((change) => (
              <Change key={change.at} change={change} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
};
