import { fieldProblems, TaskError } from '@pulser/contracts';

import type { Operation } from '../skills/skill.js';

export interface Order {
  readonly operation: Operation;
  readonly input: unknown;
}

/** Finds the operation that a payload names and checks the payload against its schema. @throws TaskError */
export const orderOf = (
  operations: ReadonlyMap<string, Operation>,
  payload: Readonly<Record<string, unknown>>,
): Order => {
  const name = payload['operation'];
  const operation = typeof name === 'string' ? operations.get(name) : undefined;
  if (operation === undefined) {
    throw new TaskError('unknown_operation', 'The payload names no operation of this agent', {
      details: { operation: name ?? null, operations: [...operations.keys()] },
    });
  }
  const parsed = operation.input.safeParse(payload);
  if (parsed.success) return { operation, input: parsed.data };
  throw new TaskError('invalid_payload', `The payload does not match the schema of "${operation.name}"`, {
    details: { errors: fieldProblems(parsed.error) },
  });
};
