// Which tools somebody sees, and so may call: the same on a list and on a call.
import {
  type CallerRole,
  PersonTools,
  reaches,
  type RoleName,
  usualToolPatterns,
  type ToolPattern,
} from '@pulser/contracts';

import type { RegisteredTool } from '../registry/definition.policy.js';

/** A task of an agent, as its row says. */
export interface AgentCaller {
  readonly kind: 'task';
  readonly tenantId: string;
  readonly taskId: string;
  readonly epoch: number;
  readonly agent: string;
}

/** Somebody outside a task: an API key, or a person of the identity provider. */
export interface PrincipalCaller {
  readonly kind: 'principal';
  readonly tenantId: string;
  /** Id of a key, or subject of a token. */
  readonly id: string;
  readonly name: string;
  /** Whether the role lets it make Pulser do something. */
  readonly mayAct: boolean;
  readonly patterns: readonly ToolPattern[] | null;
}

export type Caller = AgentCaller | PrincipalCaller;

const everyTool = 'pulser';

/** Pattern by pattern: `*` stands for any characters, and `read` for every tool that only reads. */
export const fits = (pattern: ToolPattern, tool: Pick<RegisteredTool, 'exposedName' | 'flag'>): boolean => {
  if (pattern === 'read') return tool.flag === 'read';
  const parts = pattern.split('*');
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  const name = tool.exposedName;
  if (last === undefined) return name === first;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
};

const callerRoles = ['operator', 'approver', 'admin'] as const satisfies readonly CallerRole[];

/**
 * What a person of the identity provider sees: what the tenant has named for the role and those below it.
 * @param named as it is stored; what cannot be read names nothing
 * @returns null: nothing is named
 */
export const patternsOfPerson = (role: RoleName, named: unknown): readonly ToolPattern[] | null => {
  const { data = {} } = PersonTools.safeParse(named ?? {});
  const lists = callerRoles.filter((least) => reaches(role, least)).map((least) => data[least]);
  return lists.every((list) => list === undefined) ? null : lists.flatMap((list) => list ?? []);
};

/** Whether the tool is in the view of the caller. */
export const sees = (caller: Caller, tool: Pick<RegisteredTool, 'exposedName' | 'flag' | 'agents'>): boolean => {
  if (caller.kind === 'task') return caller.agent === everyTool || tool.agents.includes(caller.agent);
  return caller.mayAct && (caller.patterns ?? usualToolPatterns).some((pattern) => fits(pattern, tool));
};
