import { createHash } from 'node:crypto';

import { TaskError } from '@pulser/contracts';

export const maxKeyCharacters = 200;

/** @throws TaskError when the ledger cannot hold the key */
export const checkedKey = (key: string): string => {
  if (key.length >= 1 && key.length <= maxKeyCharacters && !key.includes('\u0000')) return key;
  throw new TaskError('handler_failed', `The key of an effect must have 1 to ${maxKeyCharacters} characters`, {
    permanent: true,
    details: { characters: key.length },
  });
};

/** 64 hexadecimal digits: safe in any header, and nobody outside learns from it what the task or the tenant is. */
export const idempotencyKeyOf = (tenantId: string, taskId: string, key: string): string =>
  createHash('sha256')
    .update(JSON.stringify([tenantId, taskId, key]))
    .digest('hex');
