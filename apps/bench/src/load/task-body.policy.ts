/** Size of the body that every contestant gets, in bytes. */
export const bodyBytes = 300;

const task = (text: string): string => JSON.stringify({ task_type: 'testing', payload: { operation: 'noop', text } });

/** A task without work, as JSON of {@link bodyBytes}. */
export const taskBody = task('x'.repeat(bodyBytes - task('').length));

/** Many of them in one request, as Pulser takes it. */
export const batchBody = (tasks: number): string => `{"tasks":[${Array<string>(tasks).fill(taskBody).join(',')}]}`;
