// Whether persons have to approve a call.
import { ToolApprovals } from '@pulser/contracts';

import type { RegisteredTool } from '../registry/definition.policy.js';
import { fits } from './view.policy.js';

/** @param rules of the tenant, as they are stored: the first that fits decides; what cannot be read counts for none */
export const asksPersons = (
  tool: Pick<RegisteredTool, 'exposedName' | 'flag' | 'needsApproval'>,
  rules: unknown,
): boolean => {
  const { data = [] } = ToolApprovals.safeParse(rules ?? []);
  return data.find(({ tool: pattern }) => fits(pattern, tool))?.ask ?? tool.needsApproval;
};
