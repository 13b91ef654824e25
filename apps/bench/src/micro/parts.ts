import { createHash } from 'node:crypto';

import { Coalescer } from '@pulser/concurrency';
import { bodyHash } from '@pulser/context-bus';
import { messages, readJson, SubmitTask } from '@pulser/contracts';

import { libraryModule } from '../layers/prototype-in.js';
import { taskBody } from '../load/task-body.policy.js';
import type { Part } from './part.js';

const ref = {
  task_id: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071',
  tenant_id: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6072',
  task_type: 'testing',
};
const payload: unknown = SubmitTask.parse(JSON.parse(taskBody)).payload;
const dispatch = JSON.stringify([{ ...ref, dispatch_id: 1, payload }]);
const submitted = JSON.stringify(Array(100).fill({ ...ref, priority: 'medium', payload }));

const parsing = (name: string, text: string, schema: { parse(value: unknown): unknown }, most: number): Part => {
  const bytes = Buffer.from(text);
  const work = (): unknown => {
    const reading = readJson(bytes);
    if (reading.kind !== 'read') throw new Error(reading.detail);
    return schema.parse(reading.value);
  };
  return { name, work, baseName: 'JSON.parse', base: () => JSON.parse(bytes.toString()) as unknown, most };
};

const hashing: Part = {
  name: 'hash of a body, whatever the order of its keys',
  work: () => bodyHash(payload),
  baseName: 'SHA-256 of JSON.stringify',
  base: () => createHash('sha256').update(JSON.stringify(payload)).digest('hex'),
  most: 4,
};

const calls = 1_000;
const oneTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const flush = async (items: number[]): Promise<number[]> => {
  await oneTurn();
  return items;
};

const coalescer = new Coalescer<number, number>({ flush, sharedFailure: () => true });
const all = (call: (n: number) => Promise<unknown>): Promise<unknown> =>
  Promise.all(Array.from({ length: calls }, (_, n) => call(n)));

const batching: Part = {
  name: `${calls} calls at once through the batcher`,
  work: () => all((n) => coalescer.add(n)),
  baseName: 'each with a flush of its own',
  base: () => all((n) => flush([n])),
  most: 1,
};

type NextStep = (thrown: unknown, attempts: object, limits: object, random: number) => unknown;

const retrying = async (): Promise<Part> => {
  const module: unknown = await import(libraryModule('@pulser/agent-runtime', './execution/next-step.policy.js'));
  const { nextStep } = module as { nextStep: NextStep };
  const limits = { maxRetries: 3, baseMs: 1_000, factor: 2, capMs: 60_000 };
  const failure = new Error('not yet');
  return {
    name: 'what becomes of a failed attempt',
    work: () => nextStep(failure, { attempt: 1, maxAttempts: 4 }, limits, 0.5),
    baseName: 'a copy of the error as JSON',
    base: () => JSON.stringify({ message: failure.message, permanent: false }),
    most: 1,
  };
};

/** The pure parts that every task goes through. */
export const parts = async (): Promise<readonly Part[]> => [
  parsing('a message to an agent', dispatch, messages['task.dispatch'].body, 6),
  parsing('a message of 100 new tasks', submitted, messages['tasks.submitted'].body, 6),
  parsing('a submission', taskBody, SubmitTask, 8),
  hashing,
  await retrying(),
  batching,
];
