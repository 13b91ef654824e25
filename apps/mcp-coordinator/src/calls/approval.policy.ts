// Whether persons have to approve a call, and who is told that they have to.
import { ToolApprovals } from '@pulser/contracts';

import type { RegisteredTool } from '../registry/definition.policy.js';
import { fits } from './view.policy.js';

export interface CallGate {
  readonly asks: boolean;
  /** Names of the destinations that are told of a call that no task makes. */
  readonly notify: readonly string[];
}

type GatedTool = Pick<RegisteredTool, 'exposedName' | 'flag' | 'needsApproval' | 'trialArgument'>;

/** Whether the call says that it changes nothing. Left out, the argument counts for nothing, whatever its default is. */
const isTrial = ({ trialArgument }: GatedTool, given: Readonly<Record<string, unknown>>): boolean =>
  trialArgument !== undefined && given[trialArgument] === true;

/**
 * @param rules of the tenant, as they are stored: the first that fits decides, also about trials; what cannot be read counts
 * for none
 * @param given arguments of the call
 */
export const gateOf = (tool: GatedTool, rules: unknown, given: Readonly<Record<string, unknown>> = {}): CallGate => {
  const { data = [] } = ToolApprovals.safeParse(rules ?? []);
  const rule = data.find(({ tool: pattern }) => fits(pattern, tool));
  return { asks: rule?.ask ?? (tool.needsApproval && !isTrial(tool, given)), notify: rule?.notify ?? [] };
};
