import { Injectable } from '@nestjs/common';
import { Coalescer } from '@pulser/concurrency';
import { type AgentName, type MessageInput, systemTenantId, type TaskType } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';
import { Logger } from '@pulser/service-kit';

import { AgentProfile } from '../agent/agent-profile.js';
import type { AttemptFacts } from '../skills/task-context.js';

const keys = [
  ...(['task.queued', 'task.started', 'task.progress'] as const),
  ...(['task.retrying', 'task.completed', 'task.failed'] as const),
] as const;
type EventKey = (typeof keys)[number];

type TaskEvent<K extends EventKey> = MessageInput<K>[number];
type Extra<K extends EventKey> = Omit<TaskEvent<K>, 'task_id' | 'tenant_id' | 'task_type' | 'agent' | 'attempt'>;
type Attempted = Pick<AttemptFacts, 'taskId' | 'tenantId' | 'taskType' | 'attempt'>;

/** Clients wait for an end; what comes before may be up to 150 ms late. */
const ends: ReadonlySet<EventKey> = new Set(['task.completed', 'task.failed']);
const pauseMs = 50;

interface EventBase {
  readonly task_id: string;
  readonly tenant_id: string;
  readonly task_type: TaskType;
  readonly agent: AgentName;
  readonly attempt: number;
}

/** Milliseconds within which an attempt that ends publishes no start. */
const quietMs = 50;

/** The starts of the last moment, each held until it is `quietMs` old, and up to twice that; most attempts have ended by then. */
class RecentStarts {
  private young = new Map<string, EventBase>();
  private old = new Map<string, EventBase>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly lasting: (event: EventBase) => void) {}

  add(event: EventBase): void {
    this.young.set(event.task_id, event);
    this.timer ??= setTimeout(() => {
      this.turn();
    }, quietMs).unref();
  }

  forget(taskId: string): void {
    this.young.delete(taskId);
    this.old.delete(taskId);
  }

  private turn(): void {
    for (const event of this.old.values()) this.lasting(event);
    this.old = this.young;
    this.young = new Map();
    this.timer = undefined;
    if (this.old.size > 0)
      this.timer = setTimeout(() => {
        this.turn();
      }, quietMs).unref();
  }
}

/**
 * Publishes what happens to tasks: all events of a moment in one message, and no start of an attempt that ends within
 * 50 ms. Nothing depends on their arrival: the rows are the truth.
 */
@Injectable()
export class TaskEventPublisher {
  private readonly starts = new RecentStarts((event) => {
    this.send('task.started', event);
  });
  private readonly batches: Readonly<Record<EventKey, Coalescer<EventBase, undefined>>>;

  constructor(
    private readonly publisher: Publisher,
    private readonly profile: AgentProfile,
    private readonly logger: Logger,
  ) {
    this.batches = Object.fromEntries(keys.map((key) => [key, this.batch(key)])) as typeof this.batches;
  }

  /** Returns at once; an event that cannot be published is dropped, and so are those of Pulser's own tasks. */
  publish<K extends EventKey>(key: K, { taskId, tenantId, taskType, attempt }: Attempted, extra: Extra<K>): void {
    if (tenantId === systemTenantId) return;
    const event: EventBase = {
      task_id: taskId,
      tenant_id: tenantId,
      task_type: taskType,
      agent: this.profile.name,
      attempt,
      ...extra,
    };
    if (key === 'task.started') this.starts.add(event);
    else this.send(key, event);
    if (key !== 'task.started' && key !== 'task.progress') this.starts.forget(taskId);
  }

  private send(key: EventKey, event: EventBase): void {
    this.batches[key].add(event).catch((error: unknown) => {
      this.logger.debug({ err: error, key }, 'an event of a task was not published');
    });
  }

  private batch(key: EventKey): Coalescer<EventBase, undefined> {
    return new Coalescer<EventBase, undefined>({
      ...(!ends.has(key) && { pauseMs }),
      flush: async (events) => {
        await this.publisher.publish(key, events);
        return events.map(() => undefined);
      },
      sharedFailure: () => true,
    });
  }
}
