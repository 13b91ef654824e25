import type { Priority, TaskView } from '@pulser/contracts';

export interface ChangeForm {
  readonly priority: Priority;
  /** As `<input type="datetime-local">` has it; empty for none. */
  readonly runAt: string;
  readonly deadline: string;
}

/** An instant in the time of this machine, to the second, as a field for date and time has it. */
export const localTime = (at: string | null): string => {
  if (at === null) return '';
  const time = new Date(at);
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
};

/** The members that the form changes, as a JSON merge patch (RFC 7396): null takes a member away. */
export const changesOf = (
  { priority, timings }: Pick<TaskView, 'priority' | 'timings'>,
  form: ChangeForm,
): Readonly<Record<string, string | null>> => {
  const timeOf = (text: string): string | null => (text === '' ? null : new Date(text).toISOString());
  return {
    ...(form.priority !== priority && { priority: form.priority }),
    ...(form.runAt !== localTime(timings.run_at) && { run_at: timeOf(form.runAt) }),
    ...(form.deadline !== localTime(timings.deadline_at) && { deadline_at: timeOf(form.deadline) }),
  };
};
