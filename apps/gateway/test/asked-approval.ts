import { approvalHash, approvalIdOf, askedApproval, type AwaitedThing } from '@pulser/context-bus';
import { ApprovalRules } from '@pulser/contracts';

import type { Client } from './client.js';
import type { GatewayUnderTest } from './gateway-under-test.js';

export interface Asked {
  readonly taskId: string;
  readonly approvalId: string;
}

interface Request {
  readonly title?: string;
  readonly arguments?: unknown;
  readonly rules?: Partial<ApprovalRules>;
  /** Seconds. */
  readonly expiresInS?: number;
  readonly task?: object;
}

/** What a task waits for that asks for an approval, as its worker writes it. */
export const approvalWait = (taskId: string, { title, arguments: given, rules }: Request = {}): AwaitedThing => {
  const subject = {
    ...{ key: 'approval', taskType: 'analytics', operation: 'query', step: '', iteration: 0 },
    arguments: given ?? { sql: 'drop table sales' },
  };
  const approval = askedApproval(title ?? 'Drop the table', subject, ApprovalRules.parse(rules ?? {}));
  return {
    key: 'approval',
    kind: 'approval',
    onLimit: 'fail',
    ref: approvalIdOf(taskId, approvalHash(subject)),
    approval,
  };
};

/** Suspends a running task until its approval is decided. */
export const ask = async (
  gateway: GatewayUnderTest,
  tenantId: string,
  taskId: string,
  request: Request = {},
): Promise<Asked> => {
  const wait = approvalWait(taskId, request);
  const claim = await gateway.worker.claim(tenantId, taskId);
  await gateway.worker.results.suspend(claim, { timeLimitMs: (request.expiresInS ?? 3_600) * 1_000, wait });
  return { taskId, approvalId: wait.ref ?? '' };
};

/** Submits a task, which then asks. */
export const submitAndAsk = async (
  gateway: GatewayUnderTest,
  { client, tenantId }: { readonly client: Client; readonly tenantId: string },
  request: Request = {},
): Promise<Asked> => ask(gateway, tenantId, await client.submit(request.task), request);
