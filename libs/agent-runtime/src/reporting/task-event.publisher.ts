import { Injectable } from '@nestjs/common';
import { Coalescer } from '@pulser/concurrency';
import type { AgentName, MessageInput, TaskType } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';
import { Logger } from '@pulser/service-kit';

import { AgentProfile } from '../agent/agent-profile.js';
import type { AttemptFacts } from '../skills/task-context.js';

const keys = [
  'task.started',
  'task.progress',
  'task.retrying',
  'task.completed',
  'task.failed',
  'task.cancelled',
] as const;
type EventKey = (typeof keys)[number];

type TaskEvent<K extends EventKey> = MessageInput<K>[number];
type Extra<K extends EventKey> = Omit<TaskEvent<K>, 'task_id' | 'tenant_id' | 'task_type' | 'agent' | 'attempt'>;
type Attempted = Pick<AttemptFacts, 'taskId' | 'tenantId' | 'taskType' | 'attempt'>;

/** Clients wait for an end; what comes before may be 50 ms late. */
const ends: ReadonlySet<EventKey> = new Set(['task.completed', 'task.failed', 'task.cancelled']);
const pauseMs = 50;

interface EventBase {
  readonly task_id: string;
  readonly tenant_id: string;
  readonly task_type: TaskType;
  readonly agent: AgentName;
  readonly attempt: number;
}

/**
 * Publishes what happens to tasks: all events of a moment in one message. Nothing depends on their arrival: the rows are
 * the truth.
 */
@Injectable()
export class TaskEventPublisher {
  private readonly batches: Readonly<Record<EventKey, Coalescer<EventBase, undefined>>>;

  constructor(
    private readonly publisher: Publisher,
    private readonly profile: AgentProfile,
    private readonly logger: Logger,
  ) {
    this.batches = Object.fromEntries(keys.map((key) => [key, this.batch(key)])) as typeof this.batches;
  }

  /** Returns at once; an event that cannot be published is dropped. @param agent that the task is assigned to */
  publish<K extends EventKey>(
    key: K,
    { taskId, tenantId, taskType, attempt }: Attempted,
    extra: Extra<K>,
    agent = this.profile.name,
  ): void {
    const event: EventBase = {
      task_id: taskId,
      tenant_id: tenantId,
      task_type: taskType,
      agent,
      attempt,
      ...extra,
    };
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
