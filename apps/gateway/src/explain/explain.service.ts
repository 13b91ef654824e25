import { Injectable } from '@nestjs/common';
import { Pauses, TaskDiagnostics } from '@pulser/context-bus';
import { type Explanation, HttpError } from '@pulser/contracts';
import { Broker } from '@pulser/messaging';

import { explanationOf } from './explanation.policy.js';
import { LiveWorkers } from './live-workers.js';

/** Gathers the state of a task and of what it depends on, and explains why the task is where it is. */
@Injectable()
export class Explanations {
  constructor(
    private readonly diagnostics: TaskDiagnostics,
    private readonly pauses: Pauses,
    private readonly workers: LiveWorkers,
    private readonly broker: Broker,
  ) {}

  /** @throws HttpError `not_found` */
  async explain(tenantId: string, taskId: string): Promise<Explanation> {
    const diagnosis = await this.diagnostics.of(tenantId, taskId);
    if (diagnosis === undefined) throw new HttpError('not_found');
    return explanationOf(diagnosis, {
      broker: this.broker.state,
      pauses: diagnosis.status === 'queued' ? await this.pauses.list(tenantId) : [],
      workforce: this.workers.workforceOf(diagnosis.agent),
      silenceMs: diagnosis.worker === null ? undefined : this.workers.silenceOf(diagnosis.worker),
    });
  }
}
