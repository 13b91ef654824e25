import { Injectable } from '@nestjs/common';
import { Pauses, TaskDiagnostics } from '@pulser/context-bus';
import { type Explanation, HttpError } from '@pulser/contracts';
import { Broker } from '@pulser/messaging';

import { explanationOf } from './explanation.policy.js';
import { LiveWorkers } from './live-workers.js';

/** Gathers what is known around a task and says why it is where it is. */
@Injectable()
export class Explanations {
  constructor(
    private readonly situations: TaskDiagnostics,
    private readonly pauses: Pauses,
    private readonly workers: LiveWorkers,
    private readonly broker: Broker,
  ) {}

  /** @throws HttpError `not_found` */
  async explain(tenantId: string, taskId: string): Promise<Explanation> {
    const situation = await this.situations.of(tenantId, taskId);
    if (situation === undefined) throw new HttpError('not_found');
    return explanationOf(situation, {
      broker: this.broker.state,
      pauses: situation.status === 'queued' ? await this.pauses.list(tenantId) : [],
      workforce: this.workers.workforceOf(situation.agent),
      silenceMs: situation.worker === null ? undefined : this.workers.silenceOf(situation.worker),
    });
  }
}
