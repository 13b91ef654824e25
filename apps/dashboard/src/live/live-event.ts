// What the stream of a tenant says to a page: GET /api/v1/events
import type { AgentName, Priority, TaskStatus, TaskType } from '@pulser/contracts';

/** A task is in another state than before. A state may come twice, and late: a task that has ended stays ended. */
export interface TaskChange {
  readonly task_id: string;
  readonly task_type: TaskType;
  readonly operation?: string;
  readonly agent: AgentName;
  readonly status: TaskStatus;
  readonly priority?: Priority;
  readonly at: string;
  readonly attempt: number;
  /** Why it failed. */
  readonly code?: string;
}

/** What a page may have to read again. */
export type WatchedThing = 'tasks' | 'dead-letters' | 'pauses' | 'agents' | 'approvals' | 'mcp';

/** How the page is connected: `lost` means that what it shows may be old. */
export type ConnectionStatus = 'connecting' | 'open' | 'lost' | 'ended';

/** What the one stream of a browser says to all of its tabs. */
export type LiveMessage =
  | { readonly kind: 'tasks'; readonly changes: readonly TaskChange[] }
  /** These changed, or may have. */
  | { readonly kind: 'hint'; readonly what: readonly WatchedThing[] }
  /** From here on nothing is missed, but before it something may have been. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'status'; readonly status: ConnectionStatus };

/** What a tab says to the stream that it shares with the others. */
export type FromTab = 'hello' | 'here' | 'wake' | 'bye';
