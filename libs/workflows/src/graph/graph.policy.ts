// The graph of a definition: its steps as nodes with levels, its needs as edges.
import type { GraphNode, WorkflowDefinition, WorkflowStep } from '@pulser/contracts';

import { levelsOf } from '../plan/order.policy.js';

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

export const kindOf = (step: WorkflowStep): GraphNode['kind'] => {
  if ('wait' in step) return 'wait';
  if ('approval' in step) return 'approval';
  return 'workflow' in step ? 'workflow' : 'task';
};

const waitText = (wait: Extract<WorkflowStep, { wait: unknown }>['wait']): string => {
  if ('for_s' in wait) return `waits ${wait.for_s} s`;
  if ('signal' in wait)
    return `waits for ${wait.signal}${wait.within_s === undefined ? '' : ` up to ${wait.within_s} s`}`;
  return typeof wait.until === 'string' ? `waits until ${wait.until}` : 'waits until a time';
};

/** What a step does, in a few words. */
export const labelOf = (step: WorkflowStep): string => {
  if ('wait' in step) return waitText(step.wait);
  if ('approval' in step) return `approval: ${step.approval.title}`;
  if ('workflow' in step) return step.workflow;
  const { operation } = step.payload;
  return typeof operation === 'string' ? `${step.task_type}: ${operation}` : step.task_type;
};

/** Only steps that the plan has found no circle in are sure to have a level of their own. */
export const graphOf = ({ steps }: WorkflowDefinition): Graph => {
  const levels = new Map(levelsOf(steps).flatMap((names, level) => names.map((name) => [name, level] as const)));
  const known = new Set(steps.map(({ name }) => name));
  return {
    nodes: steps.map((step) => ({
      name: step.name,
      kind: kindOf(step),
      label: labelOf(step),
      is_map: 'map' in step && step.map !== undefined,
      has_condition: step.when !== undefined,
      level: levels.get(step.name) ?? 0,
    })),
    edges: steps.flatMap(({ name: to, needs }) =>
      [...new Set(needs)].filter((from) => known.has(from)).map((from) => ({ from, to })),
    ),
  };
};
