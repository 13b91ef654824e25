import type { DeadLetterGroups, Pause, TaskPage, TelemetryHealth } from '@pulser/contracts';
import { queryOptions, useQuery } from '@tanstack/react-query';

import { api } from '../../api/client.js';
import { PlaceLink } from '../../app/place-link.js';
import { Button } from '../../ui/button.js';
import { Icon } from '../../ui/icon.js';
import { Panel } from '../../ui/page.js';
import { RelativeTime, useNow } from '../../ui/relative-time.js';
import { Badge } from '../../ui/status-badge.js';
import { decidableQuery } from '../approvals/approval-queries.js';
import { type Pausing, targetOf } from '../agents/pausing.js';
import { type LongWait, type Need, needsOf } from './needs.policy.js';
import type { StatusView } from './status-query.js';

const lettersQuery = queryOptions({
  queryKey: ['dead-letters', 'groups', 'needs'],
  queryFn: ({ signal }) =>
    api.get<DeadLetterGroups>('/api/v1/dead-letters/groups', { query: { state: 'open', limit: 100 }, signal }),
  meta: { liveEveryMs: 5_000, shows: ['dead-letters'] as const },
  refetchInterval: 30_000,
});

const waitSteps = [5, 15, 60, 360, 1_440];

/**
 * How long queued tasks have been there, in steps: one small question while nothing waits for long. The list has the newest
 * first, so the oldest itself cannot be asked for.
 */
const longWait = async (signal: AbortSignal): Promise<LongWait | null> => {
  let found: LongWait | null = null;
  for (const minutes of waitSteps) {
    const before = new Date(Date.now() - minutes * 60_000).toISOString();
    const query = { status: 'queued', created_before: before, limit: 1 };
    const { tasks } = await api.get<TaskPage>('/api/v1/tasks', { query, signal });
    if (tasks.length === 0) return found;
    found = { minutes, before };
  }
  return found;
};

const waitQuery = queryOptions({
  queryKey: ['status', 'long wait'],
  queryFn: ({ signal }) => longWait(signal),
  refetchInterval: 30_000,
});

interface NeedsYouProps {
  readonly status: StatusView;
  readonly health: TelemetryHealth | undefined;
  /** Undefined until they are known. */
  readonly pauses: readonly Pause[] | undefined;
  /** Whether one of those above could not be asked. */
  readonly isPartial: boolean;
  readonly pausing: Pausing;
}

export const NeedsYou = ({ status, health, pauses, isPartial, pausing }: NeedsYouProps) => {
  const letters = useQuery(lettersQuery);
  const isQueued = (status.tasks.queued ?? 0) > 0;
  const wait = useQuery({ ...waitQuery, enabled: isQueued });
  const approvals = useQuery(decidableQuery);
  const now = useNow(0);
  // Nothing of what is unknown is fine: what could not be asked is said.
  const failed =
    isPartial || [letters, approvals, wait].some(({ error, data }) => error !== null && data === undefined);
  const needs = needsOf({
    ...{
      broker: status.broker,
      agents: health?.agents ?? [],
      pauses: pauses ?? [],
      letters: letters.data?.groups ?? [],
      approvals: approvals.data ?? [],
      now,
    },
    wait: isQueued ? (wait.data ?? null) : null,
  });
  const isKnown = [health, pauses, letters.data, approvals.data, isQueued ? wait.data : null].every(
    (one) => one !== undefined,
  );
  const isComplete = !failed && isKnown;
  return (
    <Panel
      title="Needs you"
      isFlush
      aside={
        needs.length > 0 ? (
          <Badge tone={needs[0]?.tone ?? 'warn'} icon="alert">
            {String(needs.length)}
          </Badge>
        ) : undefined
      }
    >
      {needs.length > 0 && (
        <ul className="needs">
          {needs.map((need) => (
            <NeedRow key={need.id} need={need} pausing={pausing} />
          ))}
        </ul>
      )}
      {failed && <p className="quiet-line">Not everything could be asked: this may not be all.</p>}
      {needs.length === 0 && isComplete && (
        <p className="quiet-line needs-none">
          <Icon name="success" /> Nothing waits for you.
        </p>
      )}
      {needs.length === 0 && !isComplete && !failed && <p className="quiet-line">Looking</p>}
    </Panel>
  );
};

const NeedRow = ({ need, pausing }: { readonly need: Need; readonly pausing: Pausing }) => {
  const { pause, place } = need;
  return (
    <li className={`need need-${need.tone}`}>
      <Icon name={need.icon} />
      <div className="need-text">
        <strong>{need.title}</strong>
        <span className="need-detail">
          {need.detail}
          {need.at !== undefined && (
            <>
              {' · '}
              <RelativeTime at={need.at} isQuiet />
            </>
          )}
        </span>
      </div>
      {pause !== undefined && pausing.mayAct ? (
        <Button
          size="s"
          icon="play"
          onPress={() => {
            pausing.resume(targetOf(pause), pause.reason);
          }}
        >
          {`Resume ${targetOf(pause).name}`}
        </Button>
      ) : (
        place !== undefined && (
          <PlaceLink place={place} className="button button-plain button-s">
            {need.verb ?? 'Look at it'}
          </PlaceLink>
        )
      )}
    </li>
  );
};
