// What a pause does, for a tenant or, with a key of the installation, for all of them.
import { Injectable } from '@nestjs/common';
import { type PauseRow, Pauses, type PauseTarget } from '@pulser/context-bus';
import type { Pause, PauseList, PauseOrder } from '@pulser/contracts';
import { StreamedTenants } from '@pulser/messaging';

import type { AnyCaller } from '../access/caller.js';

const pauseView = ({ agent, taskType, reason, pausedAt, forAllTenants }: PauseRow): Pause => ({
  agent,
  task_type: taskType,
  reason,
  paused_at: pausedAt.toISOString(),
  for_all_tenants: forAllTenants,
});

@Injectable()
export class PausesService {
  constructor(
    private readonly pauses: Pauses,
    private readonly streamed: StreamedTenants,
  ) {}

  /** Those that hold now for a tenant; without one, those of all tenants. */
  async list(tenantId: string | undefined): Promise<PauseList> {
    return { pauses: (await this.pauses.list(tenantId)).map(pauseView) };
  }

  /** @returns as `list`, afterwards */
  async pause(caller: AnyCaller, target: PauseTarget, order: PauseOrder | null | undefined): Promise<PauseList> {
    const { tenantId, keyId, actor } = caller;
    if (tenantId === undefined) await this.pauses.pauseForAll(actor, target, order?.reason, keyId);
    else await this.pauses.pause(tenantId, actor, target, order?.reason);
    return this.changed(tenantId);
  }

  /** @returns as `list`, afterwards */
  async resume({ tenantId, keyId, actor }: AnyCaller, target: PauseTarget): Promise<PauseList> {
    if (tenantId === undefined) await this.pauses.resumeForAll(actor, target, keyId);
    else await this.pauses.resume(tenantId, actor, target);
    return this.changed(tenantId);
  }

  private changed(tenantId: string | undefined): Promise<PauseList> {
    this.streamed.publishChanged(tenantId, 'pauses');
    return this.list(tenantId);
  }
}
