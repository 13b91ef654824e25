// Before an operation that asks for approval: its handler runs only when persons have approved its very payload. Loaded in
// threads: it must not import Nest or a database.
import { TaskError } from '@pulser/contracts';

import { inputOf } from './payload-and-result.js';
import type { Operation } from './skill.js';
import type { ApprovalOutcome, TaskContext } from './task-context.js';
import type { ApprovalRequest, ApprovalTerms } from './task-waits.js';

type Payload = Readonly<Record<string, unknown>>;

/** Key of the wait of a task whose operation asks. */
export const gateKey = 'approval';

/** What a task fails with that was not approved. */
export const notApproved = ({ approvalId, status, decisions }: ApprovalOutcome): TaskError => {
  const details = { approval_id: approvalId, status };
  if (status === 'expired')
    return new TaskError('approval_expired', 'Nobody decided in time: it counts as denied', { details });
  const denial = decisions.find(({ verdict }) => verdict === 'denied');
  const why = denial?.comment == null ? '' : `: ${denial.comment}`;
  return new TaskError('approval_denied', `It was not approved${why}`, {
    details: { ...details, ...(denial !== undefined && { denied_by: denial.person }) },
  });
};

const gate = async (operation: Operation, input: unknown, payload: Payload, context: TaskContext): Promise<void> => {
  const { approval: asked, name } = operation;
  if (asked === undefined || asked.when?.(input) === false) return;
  const { needed, role, persons, expiresInS, notify } = asked;
  const terms = Object.entries({ needed, role, persons, expiresInS, notify }).filter(
    ([, value]) => value !== undefined,
  );
  const what = { title: asked.title(input), operation: name, arguments: payload };
  const request: ApprovalRequest = { ...what, ...(Object.fromEntries(terms) as ApprovalTerms) };
  const { approval } = await context.waitFor(gateKey, { approval: request });
  if (!approval.approved) throw notApproved(approval);
};

/**
 * Runs the handler of an operation, after what must be approved before.
 * @throws TaskError `invalid_payload`, `approval_denied`, `approval_expired`; what the handler throws
 */
export const handled = async (operation: Operation, payload: Payload, context: TaskContext): Promise<unknown> => {
  const input = inputOf(operation, payload);
  await gate(operation, input, payload, context);
  return operation.handle(input, context);
};
