import { reaches, type RoleName, type TaskType } from '@pulser/contracts';

import type { Principal } from './principal.js';

/** Least role whose keys may submit tasks. */
export const submitterRole = 'operator' satisfies RoleName;

/** Why somebody may not submit tasks. */
export type SubmissionRefusal = 'forbidden' | 'forbidden_task_type';

/** @returns undefined when the task may be submitted */
export const submissionRefusal = (
  { role, allowedTaskTypes }: Pick<Principal, 'role' | 'allowedTaskTypes'>,
  type: TaskType,
): SubmissionRefusal | undefined => {
  if (!reaches(role, submitterRole)) return 'forbidden';
  return allowedTaskTypes === null || allowedTaskTypes.includes(type) ? undefined : 'forbidden_task_type';
};
