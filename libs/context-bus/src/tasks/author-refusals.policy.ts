// What a refusal says where nobody waits for an answer: a schedule or a hook submits in the name of its author.
import type { Refusal } from './intake.js';

export interface AuthorRefusal {
  readonly reason:
    'rights' | 'invalid_payload' | 'unknown_destination' | 'task_type_not_served' | 'queue_full' | 'daily_quota_spent';
  readonly detail: string;
}

export const authorRefusal = (refusal: Refusal): AuthorRefusal => {
  switch (refusal.code) {
    case 'forbidden':
      return { reason: 'rights', detail: `The role ${refusal.role} of its author may not submit tasks` };
    case 'forbidden_task_type':
      return { reason: 'rights', detail: `Its author may not submit tasks of the type ${refusal.taskType}` };
    case 'task_type_not_served':
      return { reason: refusal.code, detail: 'No agent serves this task type' };
    case 'invalid_payload':
    case 'unknown_destination':
      return {
        reason: refusal.code,
        detail: refusal.problems.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; '),
      };
    case 'queue_full':
      return { reason: refusal.code, detail: 'Too many tasks of the tenant waited' };
    case 'daily_quota_spent':
      return { reason: refusal.code, detail: 'The tenant had submitted as many tasks that day as it may' };
    case 'parent_ended':
    case 'too_many_children':
    case 'nested_too_deep':
      throw new Error('What is submitted for an author has no parent');
  }
};
