// Whether persons have to approve a call, and who is told that they have to.
import { ToolApprovals } from '@pulser/contracts';

import type { RegisteredTool } from '../registry/definition.policy.js';
import { fits } from './view.policy.js';

export interface CallGate {
  readonly asks: boolean;
  /** Names of the destinations that are told of a call that no task makes. */
  readonly notify: readonly string[];
}

/** @param rules of the tenant, as they are stored: the first that fits decides; what cannot be read counts for none */
export const gateOf = (
  tool: Pick<RegisteredTool, 'exposedName' | 'flag' | 'needsApproval'>,
  rules: unknown,
): CallGate => {
  const { data = [] } = ToolApprovals.safeParse(rules ?? []);
  const rule = data.find(({ tool: pattern }) => fits(pattern, tool));
  return { asks: rule?.ask ?? tool.needsApproval, notify: rule?.notify ?? [] };
};
