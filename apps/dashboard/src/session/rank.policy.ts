import type { CallerView } from '@pulser/contracts';

const ranks = ['viewer', 'operator', 'approver', 'admin'] as const satisfies readonly CallerView['role'][];

/** Whether the caller may what at least this role may: for what a page offers. The API decides. */
export const may = (caller: Pick<CallerView, 'role'> | null | undefined, least: CallerView['role']): boolean =>
  caller !== null && caller !== undefined && ranks.indexOf(caller.role) >= ranks.indexOf(least);
