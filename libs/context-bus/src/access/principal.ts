// Who sends a request, and whether they may submit tasks.
import { reaches, type RoleName, type TaskType } from '@pulser/contracts';

/** The sender of a request with its rights. */
export interface Principal {
  readonly tenantId: string;
  /** Undefined when the request carried a token of an identity provider. */
  readonly keyId: string | undefined;
  /** Name of the key, or the `sub` by which the identity provider knows the person. */
  readonly name: string;
  readonly role: RoleName;
  /** Types of the tasks that may be submitted; null: every type. */
  readonly allowedTaskTypes: readonly TaskType[] | null;
  /** Null: never. */
  readonly expiresAt: Date | null;
}

/** How the audit trail and `task_queue.submitted_by` name a principal. */
export const principalId = ({ keyId, name }: Principal): string => keyId ?? name;

/** Least role whose keys may submit tasks. */
export const submitterRole = 'operator' satisfies RoleName;

/** Why a principal may not submit a task. */
export type SubmissionRefusal = 'forbidden' | 'forbidden_task_type';

/** @returns undefined when the task may be submitted */
export const submissionRefusal = (
  { role, allowedTaskTypes }: Pick<Principal, 'role' | 'allowedTaskTypes'>,
  type: TaskType,
): SubmissionRefusal | undefined => {
  if (!reaches(role, submitterRole)) return 'forbidden';
  return allowedTaskTypes === null || allowedTaskTypes.includes(type) ? undefined : 'forbidden_task_type';
};
