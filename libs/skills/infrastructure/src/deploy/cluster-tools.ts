// The tools of the MCP server `kubernetes` that a deployment is made of: how they are called, and what of their answers counts.
import { type CallsApproval, TaskError, type TaskContext, type ToolAnswer } from '@pulser/agent-runtime/skill';
import { z } from 'zod';

import { deployErrors } from './deploy-contract.js';

export const clusterTools = {
  apply: 'kubernetes__k8s_manifest_apply',
  deployment: 'kubernetes__k8s_deployment_get',
  rollout: 'kubernetes__k8s_rollout_status',
  undo: 'kubernetes__k8s_rollout_undo',
  scale: 'kubernetes__k8s_deployment_scale',
} as const;

/** A call of a tool as persons approve it. */
export interface PlannedCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Where a deployment is; without a namespace in that of the credential. */
export interface Place {
  readonly namespace?: string | undefined;
  readonly name: string;
}

const TriedObject = z.object({
  api_version: z.string(),
  kind: z.string(),
  name: z.string(),
  namespace: z.string().optional(),
  change: z.enum(['create', 'change', 'unchanged']),
  diff: z.string(),
  warnings: z.array(z.string()),
});
export type TriedObject = z.infer<typeof TriedObject>;
const Tried = z.object({ objects: z.array(TriedObject) });

const DeploymentFacts = z.object({ revision: z.int().optional(), images: z.array(z.string()), desired: z.int() });
export type DeploymentFacts = z.infer<typeof DeploymentFacts>;

const RolloutFacts = z.object({
  state: z.enum(['complete', 'progressing', 'failed', 'paused']),
  message: z.string(),
});
export type RolloutFacts = z.infer<typeof RolloutFacts>;

/** Seconds for an apply of all objects of a manifest; the tool itself has 120. */
const applyS = 90;
/** Seconds that an answer may take beyond the time that is waited. */
const travelS = 30;
const maxTrials = 3;

const inPlace = ({ namespace, name }: Place): Readonly<Record<string, string>> => ({
  ...(namespace !== undefined && { namespace }),
  name,
});

const answerOf = <Schema extends z.ZodType>(schema: Schema, tool: string, answer: ToolAnswer): z.output<Schema> => {
  const { data, error } = schema.safeParse(answer.structured);
  if (error === undefined) return data;
  throw deployErrors.error('tools_missing', `${tool} answers something else than it should`, { cause: error });
};

/** The failure of a call that another one in a while may not have. */
export const isPassing = (error: unknown): error is TaskError =>
  error instanceof TaskError && error.code === 'tool_failed' && !error.permanent;

/** The failure of a call that was refused, or whose end is not known. */
export const isRefusal = (error: unknown): error is TaskError =>
  error instanceof TaskError && error.code === 'tool_failed' && error.permanent;

/** Some variables are missed by the server alone, when it is asked. */
const asNotConfigured = (tool: string, error: unknown): unknown => {
  const lacks = isRefusal(error) && (error.facts.details as { code?: unknown } | undefined)?.code === 'not_configured';
  return lacks ? deployErrors.error('tool_not_configured', error.message, { details: { tool } }) : error;
};

// The code of the server stands before its text.
const saysNotFound = ({ message }: TaskError): boolean => message.includes(': not_found: ');

type Tools = Pick<TaskContext, 'tools'>['tools'];

export class ClusterTools {
  constructor(private readonly tools: Tools) {}

  /**
   * Those that persons have to approve, as the tenant has it.
   * @throws TaskError `tool_not_configured` for the first that lacks something; `tools_missing`
   */
  async needingApproval(): Promise<readonly string[]> {
    const names = Object.values(clusterTools);
    const listed = await this.tools.list(names);
    const missing = names.filter((name) => !listed.some((tool) => tool.name === name));
    if (missing.length > 0)
      throw deployErrors.error('tools_missing', `The MCP server kubernetes does not offer ${missing.join(', ')} now`, {
        details: { tools: missing },
      });
    for (const { name, not_configured: why } of listed)
      if (why !== null)
        throw deployErrors.error('tool_not_configured', `${name}: ${why}`, { details: { tool: name, why } });
    return listed.flatMap(({ name, needs_approval: asks }) => (asks ? [name] : []));
  }

  /**
   * What the call of an apply would change. Nothing is changed.
   * @param key names the trial within the task
   * @throws TaskError `tool_not_configured`
   */
  async trial(key: string, apply: PlannedCall): Promise<readonly TriedObject[]> {
    const given = { ...apply.arguments, dry_run: true };
    for (let number = 1; ; number += 1) {
      const answer = await this.tools
        .call(apply.tool, given, { key: `${key}:${number}`, timeoutS: applyS })
        .catch((error: unknown) => {
          throw asNotConfigured(apply.tool, error);
        });
      // It was made before, and its answer was too large to be kept: as it changes nothing, it is made again.
      if (answer.structured === null && number < maxTrials) continue;
      return answerOf(Tried, apply.tool, answer).objects;
    }
  }

  /** Makes a call that was planned, once. */
  async make(key: string, { tool, arguments: given }: PlannedCall, approval: CallsApproval | undefined): Promise<void> {
    await this.tools.call(tool, given, { key, timeoutS: applyS, approval });
  }

  /** @returns undefined where there is none */
  async deployment(place: Place): Promise<DeploymentFacts | undefined> {
    const tool = clusterTools.deployment;
    try {
      return answerOf(DeploymentFacts, tool, await this.tools.call(tool, inPlace(place)));
    } catch (error) {
      if (isRefusal(error) && saysNotFound(error)) return undefined;
      throw error;
    }
  }

  /** @param waitS seconds that it may wait for the end of the rollout */
  async rollout(place: Place, waitS: number): Promise<RolloutFacts> {
    const tool = clusterTools.rollout;
    const answer = await this.tools.call(tool, { ...inPlace(place), wait_s: waitS }, { timeoutS: waitS + travelS });
    return answerOf(RolloutFacts, tool, answer);
  }
}

export const applyCall = (
  manifest: string,
  { namespace, force_conflicts }: { readonly namespace?: string | undefined; readonly force_conflicts: boolean },
): PlannedCall => ({
  tool: clusterTools.apply,
  arguments: { manifest, ...(namespace !== undefined && { namespace }), dry_run: false, force_conflicts },
});

export const undoCall = (place: Place, revision: number): PlannedCall => ({
  tool: clusterTools.undo,
  arguments: { ...inPlace(place), to_revision: revision },
});

export const stopCall = (place: Place): PlannedCall => ({
  tool: clusterTools.scale,
  arguments: { ...inPlace(place), replicas: 0 },
});
