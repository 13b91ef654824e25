// Which tasks belong together: steps of one parent, or what one submitter asked for without a long pause.
import type { FinishedTask } from '@pulser/agent-runtime/skill';

import { groupBy } from '../history/history.js';

/** Tasks of one session, in the order of submission. */
export type Session = readonly FinishedTask[];

/** A longer session is cut: a script that submits all day is not one piece of work. */
export const maxSessionTasks = 20;

/**
 * @param tasks oldest first
 * @param pauseMs a longer pause between two submissions ends a session, but not the family of a parent
 */
export const sessionsOf = (tasks: readonly FinishedTask[], pauseMs: number): Session[] => {
  const families = groupBy(tasks, ({ parentId, submitter }) =>
    parentId === null ? `by ${submitter ?? ''}` : `of ${parentId}`,
  );
  return [...families].flatMap(([key, family]) => cut(family, key.startsWith('of ') ? Infinity : pauseMs));
};

const cut = (family: readonly FinishedTask[], pauseMs: number): Session[] => {
  const sessions: FinishedTask[][] = [];
  let lastMs = -Infinity;
  for (const task of family) {
    const atMs = Date.parse(task.createdAt);
    const current = sessions.at(-1);
    if (current === undefined || atMs - lastMs > pauseMs || current.length >= maxSessionTasks) sessions.push([task]);
    else current.push(task);
    lastMs = atMs;
  }
  return sessions;
};
