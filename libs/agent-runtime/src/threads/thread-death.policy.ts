import { inspect } from 'node:util';

import { TaskError } from '@pulser/contracts';

const textOf = (cause: unknown, name: 'code' | 'message'): string | undefined => {
  const value: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, name) : undefined;
  return typeof value === 'string' ? value : undefined;
};

/**
 * Why the attempt in a thread that ended has failed.
 * @param cause the uncaught error there; undefined when it ended without
 */
export const deathOf = (cause: unknown, exitCode: number, memoryMb: number): TaskError => {
  if (textOf(cause, 'code') === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new TaskError('resource_limit', 'The handler needs more memory than it may have', {
      details: { max_megabytes: memoryMb },
    });
  }
  return cause === undefined
    ? new TaskError('handler_crashed', `The handler ended its thread (exit code ${exitCode})`)
    : new TaskError('handler_crashed', `The handler's thread died: ${textOf(cause, 'message') ?? inspect(cause)}`);
};
