import { fieldProblems, TaskError } from '@pulser/contracts';

import type { Operation } from './skill.js';

type Payload = Readonly<Record<string, unknown>>;

/** Finds the operation that a payload names. @throws TaskError `unknown_operation` */
export const operationOf = (operations: ReadonlyMap<string, Operation>, payload: Payload): Operation => {
  const name = payload['operation'];
  const operation = typeof name === 'string' ? operations.get(name) : undefined;
  if (operation !== undefined) return operation;
  throw new TaskError('unknown_operation', 'The payload names no operation of this agent', {
    details: { operation: name ?? null, operations: [...operations.keys()] },
  });
};

/** A payload as the schema of its operation reads it. @throws TaskError `invalid_payload` */
export const inputOf = (operation: Operation, payload: Payload): unknown => {
  const parsed = operation.input.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new TaskError('invalid_payload', `The payload does not match the schema of "${operation.name}"`, {
    details: { errors: fieldProblems(parsed.error) },
  });
};
