import type { Principal } from '@pulser/context-bus';
import { HttpError, reaches } from '@pulser/contracts';

type Rights = Pick<Principal, 'role' | 'allowedTaskTypes'>;

/** A key may not have more rights than its giver. @returns undefined when this one may be handed out */
export const grantRefusal = (giver: Rights, granted: Rights): HttpError | undefined => {
  if (!reaches(giver.role, granted.role)) {
    const detail = `A key of the role ${granted.role} may more than yours, which is ${giver.role}`;
    return new HttpError('forbidden', { detail, extensions: { needed_role: granted.role, role: giver.role } });
  }
  const { allowedTaskTypes: own } = giver;
  if (own === null || granted.allowedTaskTypes?.every((type) => own.includes(type)) === true) return undefined;
  const detail = `Your key may only submit ${own.join(', ')}: so may the keys that it makes`;
  return new HttpError('forbidden', { detail, extensions: { allowed_task_types: own } });
};
