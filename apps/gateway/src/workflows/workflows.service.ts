// Definitions of workflows as the API shows them. They are checked here, by what agents have registered; nothing is evaluated.
import { Injectable } from '@nestjs/common';
import {
  type DefinitionSummary,
  type DefinitionVersion,
  PayloadChecks,
  principalId,
  type StoredDefinition,
  TaskTypes,
  type TaskTypeTable,
  WorkflowDefinitions,
} from '@pulser/context-bus';
import {
  type FieldProblem,
  HttpError,
  type WorkflowDefinition,
  type WorkflowDiff,
  type WorkflowDiffQuery,
  type WorkflowGraph,
  type WorkflowList,
  type WorkflowPlan,
  type WorkflowStep,
  type WorkflowVersion,
  type WorkflowView,
} from '@pulser/contracts';
import { diffOf, graphOf, mermaidOf, plan, svgOf } from '@pulser/workflows';

import type { RequestCaller } from '../access/caller.js';
import { notFound } from '../rest/parameters.js';

const versionView = ({ version, hash, madeAt, madeBy }: DefinitionVersion): WorkflowVersion => ({
  version,
  hash,
  made_at: madeAt.toISOString(),
  made_by: madeBy,
});

const summaryView = (row: DefinitionSummary): WorkflowList['workflows'][number] => ({
  name: row.name,
  ...versionView(row),
  description: row.description,
  steps: row.steps,
});

const shownVersions = 50;

@Injectable()
export class WorkflowsService {
  constructor(
    private readonly definitions: WorkflowDefinitions,
    private readonly types: TaskTypes,
    private readonly payloads: PayloadChecks,
  ) {}

  async list(tenantId: string): Promise<WorkflowList> {
    return { workflows: (await this.definitions.list(tenantId)).map(summaryView) };
  }

  async plan(definition: WorkflowDefinition): Promise<WorkflowPlan> {
    const table = await this.types.current();
    const verdicts = await Promise.all(
      definition.steps.map(async (step) => [step.name, await this.problems(step, table)] as const),
    );
    return plan(definition, new Map(verdicts.flatMap(([name, found]) => (found === undefined ? [] : [[name, found]]))));
  }

  /** @throws HttpError `invalid_workflow`; `conflict` when there are too many */
  async put(
    caller: RequestCaller,
    name: string,
    definition: WorkflowDefinition,
  ): Promise<{ view: WorkflowView; isNew: boolean }> {
    const { ok, problems } = await this.plan(definition);
    if (!ok) throw new HttpError('invalid_workflow', { errors: problems.slice(0, 20) });
    const stored = await this.definitions.put(caller.tenantId, caller.actor, name, definition, principalId(caller));
    if (stored.kind === 'full') throw new HttpError('conflict', { detail: 'There are too many workflows or versions' });
    return { view: await this.view(caller.tenantId, name, stored.version), isNew: stored.kind === 'created' };
  }

  /** @throws HttpError `not_found` */
  async view(tenantId: string, name: string, version?: number): Promise<WorkflowView> {
    const found = await this.found(tenantId, name, version);
    const versions = await this.definitions.versions(tenantId, name, shownVersions);
    return { name, ...versionView(found), definition: found.definition, versions: versions.map(versionView) };
  }

  /** @throws HttpError `not_found` */
  async graph(tenantId: string, name: string, version?: number): Promise<WorkflowGraph> {
    const graph = graphOf((await this.found(tenantId, name, version)).definition);
    return { nodes: [...graph.nodes], edges: [...graph.edges], mermaid: mermaidOf(graph), svg: svgOf(graph) };
  }

  /** @throws HttpError `not_found` */
  async diff(tenantId: string, name: string, { from, to }: WorkflowDiffQuery): Promise<WorkflowDiff> {
    const [before, after] = await Promise.all([this.found(tenantId, name, from), this.found(tenantId, name, to)]);
    return { from, to, ...diffOf(before.definition, after.definition) };
  }

  private async found(tenantId: string, name: string, version?: number): Promise<StoredDefinition> {
    const stored = await this.definitions.find(tenantId, name, version);
    if (stored === undefined) throw notFound(version === undefined ? 'workflow' : 'version');
    return stored;
  }

  private async problems(step: WorkflowStep, table: TaskTypeTable): Promise<FieldProblem[] | undefined> {
    if (!('payload' in step)) return undefined;
    const type = table.get(step.task_type);
    if (type === undefined) return [{ pointer: '/task_type', detail: 'No agent serves this task type' }];
    const { operation } = step.payload;
    const versions = typeof operation === 'string' ? type.operations.get(operation) : undefined;
    if (versions !== undefined) return this.payloads.problems(step.payload, versions);
    if (typeof operation !== 'string' && operation !== undefined) return undefined;
    const known = [...type.operations.keys()].sort();
    return known.length === 0
      ? undefined
      : [{ pointer: '/payload/operation', detail: `Must be one of ${known.join(', ')}` }];
  }
}
