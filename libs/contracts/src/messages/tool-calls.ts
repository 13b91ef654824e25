// What travels between those who call tools and the MCP coordinator.
import { z } from 'zod';

import {
  ApprovePin,
  McpServerState,
  McpServerStatus,
  maxFoundTools,
  pinStatuses,
  ToolArguments,
  ToolFailure,
  ToolFlag,
  ToolName,
  ToolResult,
} from '../api/mcp.js';
import { RoleName } from '../roles.js';

/**
 * A task that calls. It names itself alone: tenant and agent stand in its row, and the row must be at this epoch and with the
 * agent whose worker the broker says has sent the message.
 */
const TaskCaller = z.object({
  kind: z.literal('task'),
  task_id: z.uuid(),
  /** Only to find the row, which the ids of tasks are keyed by: a task of another tenant has none there. */
  tenant_id: z.uuid(),
  epoch: z.int(),
});

/** Who has sent a request to a gateway: only gateways may say so. */
const PrincipalCaller = z.object({
  kind: z.literal('principal'),
  tenant_id: z.uuid(),
  /** Null for a person of the identity provider. */
  key_id: z.uuid().nullable(),
  /** Of the key, or subject of a token. */
  name: z.string(),
  role: RoleName,
});

export const ToolCaller = z.discriminatedUnion('kind', [TaskCaller, PrincipalCaller]);
export type ToolCaller = z.infer<typeof ToolCaller>;

/** The operation of an approval of several calls. No tool has such a name. */
export const approvedCallsOperation = 'tools.call';

/**
 * The arguments of such an approval, exactly as they were asked for: the calls that it allows, beside whatever else persons
 * were shown.
 */
export const ApprovedCalls = z.looseObject({
  calls: z
    .array(z.strictObject({ tool: ToolName, arguments: ToolArguments }))
    .min(1)
    .max(60),
});
export type ApprovedCalls = z.infer<typeof ApprovedCalls>;

/** A request; its deadline travels as that of the message. */
export const ToolCallOrder = z.object({
  /** Made by the caller: `tool.cancelled` names it. */
  call_id: z.uuid(),
  caller: ToolCaller,
  tool: ToolName,
  arguments: ToolArguments,
  idempotency_key: z.string().min(1).max(200).optional(),
  approval_id: z.uuid().optional(),
  /** What `approval_id` is of, where it is not of this call alone. */
  approved_calls: ApprovedCalls.optional(),
});
export type ToolCallOrder = z.infer<typeof ToolCallOrder>;

/** The answer to a `tool.call`. */
export const ToolCallReply = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: ToolResult }),
  z.object({ ok: z.literal(false), error: ToolFailure }),
]);
export type ToolCallReply = z.infer<typeof ToolCallReply>;

/** How far a call is; may come before its answer, any number of times. */
export const ToolCallProgress = z.object({
  done: z.number(),
  total: z.number().optional(),
  message: z.string().optional(),
});
export type ToolCallProgress = z.infer<typeof ToolCallProgress>;

/** The servers, one of them for a tenant, the definitions to review, or which tools somebody may call. */
export const ToolRead = z.discriminatedUnion('what', [
  z.object({ what: z.literal('servers') }),
  z.object({ what: z.literal('server'), name: z.string(), tenant_id: z.uuid() }),
  z.object({ what: z.literal('pins'), status: z.enum(pinStatuses).optional() }),
  z.object({
    what: z.literal('found'),
    caller: ToolCaller,
    query: z.string().min(1).max(2_000),
    limit: z.int().min(1).max(maxFoundTools),
  }),
  z.object({
    what: z.literal('tools'),
    caller: ToolCaller,
    names: z.array(ToolName).optional(),
    /** Those that fit what is to be done, the best first, so many at most. */
    search: z.object({ query: z.string().min(1).max(2_000), limit: z.int().min(1).max(maxFoundTools) }).optional(),
    /** Without their schemas. */
    brief: z.boolean().optional(),
  }),
]);
export type ToolRead = z.infer<typeof ToolRead>;

/** A tool as a model gets it. */
export const FoundTool = z.object({
  name: ToolName,
  title: z.string().optional(),
  description: z.string(),
  flag: ToolFlag,
  needs_approval: z.boolean(),
  input_schema: z.record(z.string(), z.unknown()),
});
export type FoundTool = z.infer<typeof FoundTool>;

export const ToolsFound = z.object({ tools: z.array(FoundTool) });

/** A person has looked at a definition; only gateways say so. */
export const ToolReview = z.object({ ...ApprovePin.shape, by: z.string() });
export type ToolReview = z.infer<typeof ToolReview>;

/** Whoever called does not wait any more. */
export const ToolCallCancelled = z.object({ call_id: z.uuid() });
export type ToolCallCancelled = z.infer<typeof ToolCallCancelled>;

/** How a coordinator and its servers are; every few seconds, from each coordinator. */
export const McpHeartbeat = z.object({
  instance: z.string(),
  /** It ends as it was asked to. */
  leaving: z.boolean().optional(),
  servers: z.array(
    z.object({
      name: z.string(),
      state: McpServerState,
      last_error: z.string().nullable(),
      /** Its tools whose definition waits for a review. */
      quarantined: z.array(z.string()),
    }),
  ),
});
export type McpHeartbeat = z.infer<typeof McpHeartbeat>;

/** A coordinator sees a server in another state. */
export const McpServerChanged = McpServerStatus.extend({
  state: McpServerState,
  instance: z.string(),
  at: z.iso.datetime(),
});
export type McpServerChanged = z.infer<typeof McpServerChanged>;
