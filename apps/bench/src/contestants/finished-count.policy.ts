const completed = /^pulser_task_attempts_total\{[^}]*outcome="completed"[^}]*\} (\S+)$/gm;

/** Tasks that a worker has completed, from its metrics in the text format of Prometheus. */
export const completedIn = (metrics: string): number =>
  [...metrics.matchAll(completed)].reduce((sum, [, value]) => sum + Number(value), 0);
