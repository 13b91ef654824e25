// Says that an approval is asked for, so that pages that are open show it at once. Nothing depends on its arrival.
import { Injectable } from '@nestjs/common';
import { Publisher } from '@pulser/messaging';
import { Logger } from '@pulser/service-kit';

import type { Attempt } from '../context/attempt.js';

@Injectable()
export class AskedApprovals {
  constructor(
    private readonly publisher: Publisher,
    private readonly logger: Logger,
  ) {}

  asked({ tenantId }: Attempt): void {
    this.publisher
      .publish('tenant.changed', { tenant_id: tenantId, what: ['approvals', 'tasks'] })
      .catch((err: unknown) => {
        this.logger.debug({ err }, 'an approval was not published');
      });
  }
}
