import { HttpError, reaches, type RoleName } from '@pulser/contracts';

/** @returns undefined when the role may pass */
export const roleRefusal = (role: RoleName, least: RoleName): HttpError | undefined =>
  reaches(role, least)
    ? undefined
    : new HttpError('forbidden', {
        detail: `It takes the role ${least}, and yours is ${role}`,
        extensions: { needed_role: least, role },
      });
