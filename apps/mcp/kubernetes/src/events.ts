// What the cluster reports of its objects, newest first.
import type { CoreV1Event } from '@kubernetes/client-node';
import { z } from 'zod';

import { Time, timeOf } from './arguments.js';
import type { Cluster } from './cluster.js';

export const Event = z.object({
  namespace: z.string(),
  type: z.string().describe('Normal or Warning'),
  reason: z.string(),
  message: z.string(),
  object: z.string().describe('kind and name'),
  count: z.int(),
  last_seen_at: Time.optional(),
});

export interface EventFilter {
  /** Undefined for all namespaces. */
  readonly namespace: string | undefined;
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly types: 'Warning' | 'all';
}

const maxMessage = 1_000;
const pageSize = 500;
// The API server sorts nothing: to find the newest ones all have to be read. It keeps events for an hour.
const maxRead = 5_000;

// Older reporters fill the last time stamp, newer ones the series or the event's own time.
const seenAt = (event: CoreV1Event): string | undefined =>
  timeOf(
    event.lastTimestamp ??
      event.series?.lastObservedTime ??
      event.eventTime ??
      event.firstTimestamp ??
      event.metadata.creationTimestamp,
  );

const eventOf = (event: CoreV1Event): z.input<typeof Event> => ({
  namespace: event.metadata.namespace ?? '',
  type: event.type ?? 'Normal',
  reason: event.reason ?? '',
  message: (event.message ?? '').slice(0, maxMessage),
  object: `${event.involvedObject.kind ?? '?'}/${event.involvedObject.name ?? '?'}`,
  count: event.series?.count ?? event.count ?? 1,
  last_seen_at: seenAt(event),
});

const selectorOf = ({ kind, name, types }: EventFilter): string => {
  const fields = [
    types === 'Warning' && 'type=Warning',
    kind !== undefined && `involvedObject.kind=${kind}`,
    name !== undefined && `involvedObject.name=${name}`,
  ];
  return fields.filter((field) => field !== false).join(',');
};

const readEvents = async ({ core }: Cluster, filter: EventFilter) => {
  const events: CoreV1Event[] = [];
  const fieldSelector = selectorOf(filter);
  let next: string | undefined;
  do {
    const query = { limit: pageSize, ...(fieldSelector && { fieldSelector }), ...(next && { _continue: next }) };
    const page = filter.namespace
      ? await core.listNamespacedEvent({ namespace: filter.namespace, ...query })
      : await core.listEventForAllNamespaces(query);
    events.push(...page.items);
    next = page.metadata?._continue;
  } while (next && events.length < maxRead);
  return { events, complete: !next };
};

/** Events of a filter, newest first; not complete where the cluster has too many to read. */
export const eventsOf = async (
  cluster: Cluster,
  filter: EventFilter,
): Promise<{ readonly items: z.input<typeof Event>[]; readonly complete: boolean }> => {
  const { events, complete } = await readEvents(cluster, filter);
  const items = events.map(eventOf);
  return { items: items.toSorted((a, b) => (b.last_seen_at ?? '').localeCompare(a.last_seen_at ?? '')), complete };
};
