import type { MemoryHitView, MemoryView } from '@pulser/contracts';

import { PlaceLink } from '../../app/place-link.js';
import { AgentName } from '../../ui/agent.js';
import { RelativeTime } from '../../ui/relative-time.js';
import type { Column } from '../../ui/virtual-table.js';
import { TrustBadge } from './trust-badge.js';

/** A memory in the list; with a score where it was found by meaning. */
export type MemoryItem = MemoryView & Partial<Pick<MemoryHitView, 'score' | 'passage'>>;

const scoreColumn: Column<MemoryItem> = {
  id: 'score',
  title: 'Score',
  width: '104px',
  cell: ({ score = 0 }) => (
    <span className="memory-score">
      <span className="memory-bar" aria-hidden="true">
        <span style={{ width: `${score * 100}%` }} />
      </span>
      <span className="num">{score.toFixed(2)}</span>
    </span>
  ),
};

/** Of the list. */
export const columns: readonly Column<MemoryItem>[] = [
  {
    id: 'content',
    title: 'Memory',
    width: 'minmax(150px, 5fr)',
    cell: ({ memory_id, content, passage }) => (
      <PlaceLink
        place={`/memory/${memory_id}`}
        className="memory-text truncate"
        tabIndex={-1}
        title={passage ?? content}
      >
        {passage ?? content}
      </PlaceLink>
    ),
  },
  {
    id: 'type',
    title: 'Type',
    width: 'minmax(84px, 1fr)',
    from: 560,
    cell: ({ type }) => (
      <span className="truncate" title={type}>
        {type}
      </span>
    ),
  },
  {
    id: 'subject',
    title: 'Subject',
    width: 'minmax(84px, 1fr)',
    from: 760,
    cell: ({ subject }) => (
      <span className="truncate" title={subject ?? ''}>
        {subject}
      </span>
    ),
  },
  {
    id: 'agent',
    title: 'Found by',
    width: 'minmax(104px, 1fr)',
    from: 900,
    cell: ({ agent }) => (agent === null ? <span className="muted">all agents</span> : <AgentName agent={agent} />),
  },
  { id: 'trust', title: 'Trust', width: '104px', from: 1_040, cell: ({ trust }) => <TrustBadge trust={trust} /> },
  {
    id: 'made',
    title: 'Noted',
    width: '92px',
    isRight: true,
    from: 440,
    cell: ({ created_at }) => <RelativeTime at={created_at} isQuiet />,
  },
];

/** Of what was found by meaning. */
export const hitColumns: readonly Column<MemoryItem>[] = [scoreColumn, ...columns];
