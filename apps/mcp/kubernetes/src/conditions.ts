// Conditions, as pods and deployments have them.
import { z } from 'zod';

import { Time, timeOf } from './arguments.js';

export const Condition = z.object({
  type: z.string(),
  status: z.string().describe('True, False or Unknown'),
  reason: z.string().optional(),
  message: z.string().optional(),
  changed_at: Time.optional(),
});

interface GivenCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: Date;
}

export const conditionsOf = (conditions: readonly GivenCondition[] = []): z.input<typeof Condition>[] =>
  conditions.map(({ type, status, reason, message, lastTransitionTime }) => ({
    ...{ type, status, reason, message },
    changed_at: timeOf(lastTransitionTime),
  }));
