import type { TaskEventView } from '@pulser/contracts';
import { useMemo, useState } from 'react';

import { Badge, StatusBadge, type Tone } from '../../ui/status-badge.js';
import { Choice } from '../../ui/fields.js';
import { ErrorState } from '../../ui/error-state.js';
import { JsonView } from '../../ui/json-view.js';
import { counted } from '../../ui/numbers.policy.js';
import { exactTime, RelativeTime } from '../../ui/relative-time.js';
import { type Column, VirtualTable } from '../../ui/virtual-table.js';
import type { TaskEvents } from './use-task-events.js';

interface Numbered {
  readonly place: number;
  readonly event: TaskEventView;
}

const tones = { debug: 'idle', info: 'info', warn: 'warn', error: 'bad' } as const satisfies Record<string, Tone>;

const What = ({ event }: { readonly event: TaskEventView }) => {
  if (event.type === 'status') return <StatusBadge status={event.status} />;
  if (event.type === 'progress') return <Badge tone="info">{`${Math.round(event.percent)}%`}</Badge>;
  return <Badge tone={tones[event.level]}>{event.level}</Badge>;
};

const textOf = (event: TaskEventView): string => {
  if (event.type === 'status') return event.error === undefined ? '' : `${event.error.code}: ${event.error.message}`;
  return event.message ?? '';
};

const columns: readonly Column<Numbered>[] = [
  { id: 'at', title: 'Time', width: '92px', cell: ({ event }) => <RelativeTime at={event.at} isQuiet /> },
  { id: 'what', title: 'What', width: '112px', cell: ({ event }) => <What event={event} /> },
  {
    id: 'text',
    title: 'Message',
    width: 'minmax(120px, 1fr)',
    cell: ({ event }) => <span className="truncate event-text">{textOf(event)}</span>,
  },
  { id: 'attempt', title: 'Attempt', width: '64px', isRight: true, from: 560, cell: ({ event }) => event.attempt },
];

type Shown = 'all' | 'problems' | 'states';

const isShown = (event: TaskEventView, shown: Shown): boolean => {
  if (shown === 'all') return true;
  if (shown === 'states') return event.type === 'status';
  return event.type === 'log' ? event.level === 'warn' || event.level === 'error' : 'error' in event;
};

/** What happened to a task, the newest first: it grows at the top while the task runs. */
export const EventList = ({ events, isComplete, error }: TaskEvents) => {
  const [shown, setShown] = useState<Shown>('all');
  const [open, setOpen] = useState<Numbered>();
  const rows = useMemo(
    () =>
      events
        .map((event, place) => ({ place, event }))
        .filter(({ event }) => isShown(event, shown))
        .reverse(),
    [events, shown],
  );
  if (error !== undefined) return <ErrorState error={error} />;
  return (
    <div className="events">
      <div className="list-bar">
        <Choice
          label="Which events"
          value={shown}
          onChange={setShown}
          options={[
            { id: 'all', text: 'All' },
            { id: 'states', text: 'States' },
            { id: 'problems', text: 'Warnings and errors' },
          ]}
        />
        <span className="muted num" aria-live="polite">
          {counted(rows.length, 'event')}
          {isComplete ? '' : ', live'}
        </span>
      </div>
      <div className="panel events-panel">
        <VirtualTable
          label="Events"
          rows={rows}
          columns={columns}
          idOf={({ place }) => String(place)}
          onOpen={setOpen}
          currentId={open === undefined ? undefined : String(open.place)}
        />
      </div>
      {open !== undefined && (
        <section aria-label="Event" className="event-open">
          <p className="muted">{exactTime(open.event.at)}</p>
          {textOf(open.event) !== '' && <p className="event-whole">{textOf(open.event)}</p>}
          <JsonView value={open.event} label="Event" maxHeight={280} />
        </section>
      )}
    </div>
  );
};
