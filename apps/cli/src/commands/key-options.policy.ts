import type { KeyGrant } from '@pulser/context-bus';
import { CreateKey, RotateKey } from '@pulser/contracts';
import type { z } from 'zod';

import { UsageError } from './command.js';
import { secondsOf } from './duration.policy.js';

/** What may follow `keys create`. */
export interface KeyOptions {
  readonly name: string;
  readonly role: string;
  readonly 'task-types'?: string | undefined;
  readonly 'expires-in'?: string | undefined;
}

/** Option by field: both of REST and of the command line are checked by the same schema. */
const optionOf: Readonly<Record<string, string>> = {
  name: '--name',
  role: '--role',
  allowed_task_types: '--task-types',
  expires_in_s: '--expires-in',
  overlap_s: '--overlap',
};

const checked = <S extends z.ZodType>(schema: S, order: object): z.output<S> => {
  const parsed = schema.safeParse(order);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${optionOf[String(path[0])]}: ${message}`);
  throw new UsageError(issues.join('; '));
};

const secondsIn = (option: string, text: string): number => {
  const seconds = secondsOf(text);
  if (seconds !== undefined) return seconds;
  throw new UsageError(`${option} is a time span like 90s, 15m, 12h or 30d, not "${text}"`);
};

/** Seconds for which a replaced key stays valid. @throws UsageError */
export const overlapOf = (text: string): number =>
  checked(RotateKey, { overlap_s: secondsIn('--overlap', text) }).overlap_s;

/** What the key is for. @throws UsageError */
export const grantOf = (options: KeyOptions): KeyGrant => {
  const { name, role, 'task-types': types, 'expires-in': life } = options;
  const order = checked(CreateKey, {
    name,
    role,
    allowed_task_types: types?.split(',').map((type) => type.trim()),
    expires_in_s: life === undefined ? undefined : secondsIn('--expires-in', life),
  });
  return {
    name: order.name,
    role: order.role,
    allowedTaskTypes: order.allowed_task_types ?? null,
    expiresInS: order.expires_in_s ?? null,
  };
};
