import { fieldProblems, HttpError, jsonLimits, SubmitTask, type FieldProblem } from '@pulser/contracts';

const within =
  (index: number) =>
  ({ pointer, detail }: FieldProblem): FieldProblem => ({ pointer: `/tasks/${index}${pointer}`, detail });

// As for a task that comes alone.
const isTooLarge = (task: SubmitTask): boolean => Buffer.byteLength(JSON.stringify(task)) > jsonLimits.maxBytes;

/** An item of a batch as a submission, or what is wrong with it; pointers go into the whole batch. */
export const batchItem = (item: unknown, index: number): SubmitTask | HttpError => {
  const parsed = SubmitTask.safeParse(item);
  if (parsed.success) return isTooLarge(parsed.data) ? new HttpError('payload_too_large') : parsed.data;
  return new HttpError('invalid_request', { errors: fieldProblems(parsed.error).map(within(index)) });
};

/** Each item of a batch has a key of its own, so that a batch that is sent again makes no task twice. */
export const batchItemKey = (key: string | undefined, index: number): string | undefined =>
  key === undefined ? undefined : `${key}/${index}`;
