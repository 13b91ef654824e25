import { Injectable } from '@nestjs/common';
import { Coalescer } from '@pulser/concurrency';
import type { AgentName, MessageInput, TaskType } from '@pulser/contracts';

import { Publisher } from '@pulser/messaging';
import { Logger } from '@pulser/service-kit';

import { AgentProfile } from '../agent/agent-profile.js';
import type { Attempt } from '../execution/attempt.js';

const keys = ['task.started', 'task.progress', 'task.retrying', 'task.completed', 'task.failed'] as const;
type FactKey = (typeof keys)[number];

type Fact<K extends FactKey> = MessageInput<K>[number];
type Extra<K extends FactKey> = Omit<Fact<K>, 'task_id' | 'tenant_id' | 'task_type' | 'agent' | 'attempt'>;

/** People wait for an end; of what comes before they need not hear within milliseconds. */
const ends: ReadonlySet<FactKey> = new Set(['task.completed', 'task.failed']);
const restMs = 50;

interface FactBase {
  readonly task_id: string;
  readonly tenant_id: string;
  readonly task_type: TaskType;
  readonly agent: AgentName;
  readonly attempt: number;
}

/**
 * Tells everybody what happened to tasks: one message for all facts of a moment. Nothing depends on them arriving: the
 * rows are the truth.
 */
@Injectable()
export class TaskEventPublisher {
  private readonly batches: Readonly<Record<FactKey, Coalescer<FactBase, undefined>>>;

  constructor(
    private readonly publisher: Publisher,
    private readonly profile: AgentProfile,
    private readonly logger: Logger,
  ) {
    this.batches = Object.fromEntries(keys.map((key) => [key, this.batch(key)])) as typeof this.batches;
  }

  tell<K extends FactKey>(key: K, { claim, dispatch }: Attempt, extra: Extra<K>): void {
    const fact: FactBase = {
      task_id: claim.taskId,
      tenant_id: claim.tenantId,
      task_type: dispatch.task_type,
      agent: this.profile.name,
      attempt: claim.attempt,
      ...extra,
    };
    this.batches[key].add(fact).catch((error: unknown) => {
      this.logger.debug({ err: error, key }, 'a fact was not published');
    });
  }

  private batch(key: FactKey): Coalescer<FactBase, undefined> {
    return new Coalescer<FactBase, undefined>({
      ...(!ends.has(key) && { restMs }),
      flush: async (facts) => {
        await this.publisher.publish(key, facts);
        return facts.map(() => undefined);
      },
      sharedFailure: () => true,
    });
  }
}
