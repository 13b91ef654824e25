// What is drawn: the steps of a definition or of a run, and where the content of those comes from that have something in them.
import type { GraphNode, RunStep, RunView, StepTask, StepTaskPage, WorkflowGraph } from '@pulser/contracts';

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
}

export interface GraphSource {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Undefined: a definition. */
  readonly run?: { readonly id: string; readonly steps: ReadonlyMap<string, RunStep> } | undefined;
}

export const sourceOfRun = ({
  task_id: id,
  graph,
  steps,
}: Pick<RunView, 'task_id' | 'graph' | 'steps'>): GraphSource => ({
  ...graph,
  run: { id, steps: new Map(steps.map((step) => [step.name, step])) },
});

/** What is in a step: the tasks of a map, or the steps of a workflow. */
export type StepContent =
  | { readonly kind: 'items'; readonly items: readonly StepTask[] }
  | { readonly kind: 'steps'; readonly source: GraphSource };

/** Items of a map that are drawn. */
export const maxItems = 100;

const definitionPath = (reference: string): string => {
  const [name = '', version] = reference.split('@');
  return `/api/v1/workflows/${encodeURIComponent(name)}/graph${version === undefined ? '' : `?version=${version}`}`;
};

/** Where the API has what is in a step. @returns undefined when nothing is, or not yet */
export const contentPath = ({ run }: GraphSource, node: GraphNode): string | undefined => {
  const step = run?.steps.get(node.name);
  if (node.is_map)
    return run === undefined || (step?.total ?? 0) === 0
      ? undefined
      : `/api/v1/runs/${run.id}/steps/${node.name}/tasks?limit=${maxItems}`;
  if (node.kind !== 'workflow') return undefined;
  return step?.task_id == null ? definitionPath(node.label) : `/api/v1/runs/${step.task_id}`;
};

/** An answer of `contentPath`, as what it is. */
export const contentOf = (answer: StepTaskPage | RunView | WorkflowGraph): StepContent => {
  if ('tasks' in answer) return { kind: 'items', items: answer.tasks };
  return { kind: 'steps', source: 'steps' in answer ? sourceOfRun(answer) : answer };
};

/** The page of a step: of its task or tasks, its run, or the workflow that it names. */
export const stepPlace = ({ run }: GraphSource, node: GraphNode): string | undefined => {
  if (run !== undefined && node.is_map && (run.steps.get(node.name)?.total ?? 0) > 0)
    return `/runs/${run.id}?step=${node.name}`;
  const id = run?.steps.get(node.name)?.task_id ?? undefined;
  if (node.kind !== 'workflow') return id === undefined ? undefined : `/tasks/${id}`;
  if (id !== undefined) return `/runs/${id}`;
  const [name = '', version] = node.label.split('@');
  return `/workflows/${name}${version === undefined ? '' : `?version=${version}`}`;
};
