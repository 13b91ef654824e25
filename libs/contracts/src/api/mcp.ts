// MCP servers and their tools, as the API shows and calls them.
import { z } from 'zod';

import type { HttpErrorCode } from '../errors.js';
import { DestinationName } from '../destination-name.js';
import { plainText } from '../json.js';
import { RoleName } from '../roles.js';
import { boundedObject } from '../tasks.js';
import { exportable } from './exports.js';
import { maxPage } from './tasks.js';

/** Why a call of a tool has no result. */
export const toolErrorCodes = [
  'unknown_tool',
  'not_allowed',
  'invalid_args',
  'server_unavailable',
  'not_configured',
  'timeout',
  'rate_limited',
  'upstream_error',
  'approval_required',
] as const satisfies readonly HttpErrorCode[];
export type ToolErrorCode = (typeof toolErrorCodes)[number];

/** Those after which the same call may succeed later, without anybody having changed something. */
export const passingToolErrors: ReadonlySet<ToolErrorCode> = new Set([
  'server_unavailable',
  'timeout',
  'rate_limited',
] as const);

export const toolFlags = ['read', 'write', 'destructive'] as const;
export const ToolFlag = z.enum(toolFlags).meta({
  description: '`write` adds or changes what can be undone; `destructive` removes, overwrites or runs anything',
});
export type ToolFlag = z.infer<typeof ToolFlag>;

/** `<server>__<tool>`. */
export const ToolName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/)
  .meta({ description: 'Server and tool with two underscores between', examples: ['github__repo_get'] });
export type ToolName = z.infer<typeof ToolName>;

const patternText = 'The name of a tool, in which `*` stands for any characters; or `read`: every read-only tool';

/** What a key may call. */
export const ToolPattern = z
  .string()
  .regex(/^[A-Za-z0-9_*-]{1,64}$/, patternText)
  .meta({ description: patternText, examples: ['read', 'github__*'] });
export type ToolPattern = z.infer<typeof ToolPattern>;

export const maxToolPatterns = 50;

export const ToolApprovals = z
  .array(
    z.strictObject({
      tool: ToolPattern,
      ask: z
        .boolean()
        .optional()
        .meta({ description: 'Whether persons are asked; without, where a call destroys, costs money or runs code' }),
      notify: z
        .array(DestinationName)
        .max(10)
        .default([])
        .meta({ description: 'Confirmed destinations that the request of a call outside a task is sent to' }),
    }),
  )
  .max(100)
  .meta({ description: 'Rules: the first whose pattern fits says whether persons are asked, and who is told' });
export type ToolApprovals = z.infer<typeof ToolApprovals>;

/** Roles that may call a tool at all. */
const CallerRole = RoleName.exclude(['viewer']);
export type CallerRole = z.infer<typeof CallerRole>;

/** What persons of the identity provider may call, by their role. */
export const PersonTools = z
  .partialRecord(CallerRole, z.array(ToolPattern).min(1).max(maxToolPatterns))
  .meta({ description: 'Tools by role, such as `{"admin": ["read", "kubernetes__*"]}`' });
export type PersonTools = z.infer<typeof PersonTools>;

/** Variables of servers that are no secrets: by server, by name. */
export const McpVariables = z
  .record(z.string().regex(/^[a-z0-9-]{1,24}$/), z.record(z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/), plainText(2_000)))
  .refine((all) => Object.keys(all).length <= 50, 'At most 50 servers')
  .meta({ description: 'Variables by server and name, such as `{"pulser-hub": {"ODOO_DATABASE": "prod"}}`' });
export type McpVariables = z.infer<typeof McpVariables>;

/** What a key or a person may call for whom nothing else is named. */
export const usualToolPatterns: readonly ToolPattern[] = ['read'];

export const mcpServerStates = ['idle', 'starting', 'ready', 'degraded', 'backing-off', 'disabled'] as const;
export const McpServerState = z.enum(mcpServerStates);
export type McpServerState = z.infer<typeof McpServerState>;

const Time = z.iso.datetime();

/** How a server stands, as it is published too. */
export const McpServerStatus = z.object({
  name: z.string(),
  state: McpServerState,
  since: Time.nullable().meta({ description: 'When the state began' }),
  tools: z.int().meta({ description: 'Tools that it offers now' }),
  last_error: z.string().nullable().meta({ description: 'Why it last failed, or why it is disabled' }),
});
export type McpServerStatus = z.infer<typeof McpServerStatus>;

export const mcpTransports = ['stdio', 'http', 'in-process'] as const;

export const McpServer = McpServerStatus.extend({
  is_own: z.boolean().meta({ description: 'Whether it comes with Pulser; else a configuration file attaches it' }),
  transport: z.enum(mcpTransports).nullable().meta({ description: 'Null: the configuration does not say it' }),
  protocol: z.string().nullable().meta({ description: 'Revision of MCP that it speaks; null while it does not run' }),
  software: z.string().nullable().meta({ description: 'Name and version, as it says' }),
  starts: z.int().meta({ description: 'Since the coordinator was started' }),
  in_flight: z.int().meta({ description: 'Calls that it has not answered yet' }),
  last_error_at: Time.nullable(),
}).meta({ id: 'McpServer' });
export type McpServer = z.infer<typeof McpServer>;

export const McpServerList = z.object({ servers: z.array(McpServer) }).meta({ id: 'McpServerList' });
export type McpServerList = z.infer<typeof McpServerList>;

/** What a server needs of the tenant for which it is called, and whether it has it. Never a value. */
export const McpVariable = z
  .object({
    name: z.string(),
    description: z.string().nullable(),
    example: z.string().nullable(),
    secret: z.boolean().meta({ description: 'A secret of the tenant; else a member of the setting `mcp-variables`' }),
    required: z.boolean().meta({ description: 'Without it no tool of the server works' }),
    secret_name: z.string().meta({ description: 'Name of the secret that holds it' }),
    set_by: z
      .enum(['tenant', 'operator'])
      .nullable()
      .meta({ description: '`operator`: for all tenants, which the tools that only read use; null: by nobody' }),
  })
  .meta({ id: 'McpVariable' });
export type McpVariable = z.infer<typeof McpVariable>;

export const McpServerChange = z.object({ at: Time, state: McpServerState, error: z.string().nullable() });
export type McpServerChange = z.infer<typeof McpServerChange>;

export const McpServerDetail = McpServer.extend({
  variables: z
    .array(McpVariable)
    .meta({ description: 'Of servers that come with Pulser, once they have listed tools' }),
  changes: z
    .array(McpServerChange)
    .meta({ description: 'States that it was in since the coordinator was started, the newest first, 50 at most' }),
}).meta({ id: 'McpServerDetail' });
export type McpServerDetail = z.infer<typeof McpServerDetail>;

const JsonSchema = z.record(z.string(), z.unknown());

export const McpTool = z
  .object({
    name: ToolName,
    server: z.string(),
    title: z.string().nullable(),
    description: z.string(),
    flag: ToolFlag,
    needs_approval: z.boolean().meta({ description: 'Whether persons have to approve each call' }),
    agents: z.array(z.string()).meta({ description: 'Agents that see it; `pulser` sees every tool' }),
    not_configured: z
      .string()
      .nullable()
      .meta({ description: 'What the tenant has not set that a call needs; null: nothing is missing' }),
    input_schema: JsonSchema.meta({ description: 'Empty where `schemas=false` leaves it out' }),
    output_schema: JsonSchema.nullable().meta({
      description: 'Null: it declares none, or `schemas=false` leaves it out',
    }),
  })
  .meta({ id: 'McpTool' });
export type McpTool = z.infer<typeof McpTool>;

export const McpToolList = z.object({ tools: z.array(McpTool) }).meta({ id: 'McpToolList' });
export type McpToolList = z.infer<typeof McpToolList>;

export const maxFoundTools = 20;

export const McpToolQuery = z.strictObject({
  query: plainText(2_000)
    .min(1)
    .optional()
    .meta({ description: 'What is to be done, in any words: the tools that fit, the best first' }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(maxFoundTools)
    .default(10)
    .meta({ description: 'How many of a `query` at most' }),
  schemas: z.stringbool().default(true).meta({ description: 'Whether the tools come with their schemas' }),
});
export type McpToolQuery = z.infer<typeof McpToolQuery>;

/** Arguments of a tool, as they travel: whoever calls it is told what is wrong with them. */
export const ToolArguments = z.record(z.string(), z.unknown());
export type ToolArguments = z.infer<typeof ToolArguments>;

export const toolLimits = {
  /** Milliseconds. */
  usualTimeoutMs: 60_000,
  maxTimeoutMs: 900_000,
  /** Bytes of the JSON of arguments. */
  argumentBytes: 262_144,
  /** Bytes of the JSON of an answer. */
  answerBytes: 1_048_576,
} as const;

const IdempotencyKey = plainText(200)
  .min(1)
  .meta({ description: 'Calls of one caller with the same key are one call; kept for a week at least' });

export const CallTool = z
  .strictObject({
    arguments: boundedObject('Checked by the schema of the tool'),
    timeout_ms: z
      .int()
      .min(100)
      .max(toolLimits.maxTimeoutMs)
      .default(toolLimits.usualTimeoutMs)
      .meta({ description: 'Milliseconds after which the call is given up' }),
    idempotency_key: IdempotencyKey.optional(),
    approval_id: z.uuid().optional().meta({ description: 'Of the approval of this very call, which it uses up' }),
  })
  .meta({ id: 'CallTool', example: { arguments: { owner: 'octocat', repo: 'hello-world' } } });
export type CallTool = z.infer<typeof CallTool>;

/** What a tool answered. */
export const ToolResult = z.object({
  call_id: z.uuid(),
  content: z.array(z.looseObject({ type: z.string() })).meta({ description: 'As the protocol has it (MCP)' }),
  structured: z.record(z.string(), z.unknown()).nullable().meta({ description: 'By the output schema of the tool' }),
});
export type ToolResult = z.infer<typeof ToolResult>;

export const ToolCallResult = ToolResult.extend({ duration_ms: z.number() }).meta({ id: 'ToolCallResult' });
export type ToolCallResult = z.infer<typeof ToolCallResult>;

export const ToolFailure = z.object({
  code: z.enum(toolErrorCodes),
  message: z.string(),
  call_id: z.uuid().nullable(),
  /** Of `approval_required`, outside a task: what is to be decided. */
  approval_id: z.uuid().optional(),
  retry_after_s: z.number().optional(),
  /** The server may have done what was asked, although no answer came. */
  may_have_run: z.literal(true).optional(),
  /** The key or the approval belongs to a call that has ended without a result: this one is made under another one only. */
  key_spent: z.literal(true).optional(),
});
export type ToolFailure = z.infer<typeof ToolFailure>;

export const toolCallOutcomes = ['pending', 'done', 'lost', ...toolErrorCodes] as const;
export const ToolCallOutcome = z.enum(toolCallOutcomes).meta({
  description:
    '`pending`: sent, and not answered yet; `lost`: sent, and nobody knows what became of it; `done`; or why it has no result',
});
export type ToolCallOutcome = z.infer<typeof ToolCallOutcome>;

export const ToolCallView = z
  .object({
    call_id: z.uuid(),
    at: Time,
    tool: z.string(),
    server: z.string().nullable(),
    flag: ToolFlag.nullable().meta({ description: 'Null: there is no such tool' }),
    agent: z.string().nullable(),
    task_id: z.uuid().nullable(),
    principal: z
      .string()
      .nullable()
      .meta({ description: 'Id of a key, or subject of a token; null: a task has called' }),
    principal_name: z.string().nullable().meta({ description: 'Of a key' }),
    arguments: z.unknown().meta({ description: 'Secrets are hidden, long texts are cut' }),
    arguments_hash: z.string().meta({ description: 'SHA-256 of the exact ones, hexadecimal' }),
    approval_id: z.uuid().nullable(),
    outcome: ToolCallOutcome,
    message: z.string().nullable(),
    duration_ms: z.number().nullable(),
  })
  .meta({ id: 'ToolCall' });
export type ToolCallView = z.infer<typeof ToolCallView>;

export const ToolCallQuery = z.strictObject({
  tool: ToolName.optional(),
  server: plainText(64).optional(),
  task: z.uuid().optional(),
  agent: plainText(64).optional().meta({ description: 'Calls of tasks of this agent' }),
  principal: plainText(200)
    .optional()
    .meta({ description: 'Calls of this key or person: the id, or subject of a token' }),
  outcome: ToolCallOutcome.optional(),
  before: z.uuid().optional().meta({ description: 'Calls before this one, for the next page' }),
  limit: z.coerce.number().int().min(1).max(maxPage).default(50),
  ...exportable,
});
export type ToolCallQuery = z.infer<typeof ToolCallQuery>;

export const pinStatuses = ['approved', 'quarantined', 'withdrawn'] as const;

/** A definition of a tool, as persons review it. */
export const McpPin = z
  .object({
    server: z.string(),
    tool: z.string().meta({ description: 'As its server names it' }),
    digest: z.string().meta({ description: 'SHA-256 of the definition, hexadecimal' }),
    status: z.enum(pinStatuses),
    definition: z.record(z.string(), z.unknown()),
    approved_definition: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'What is approved instead of it' }),
    warnings: z.array(z.string()).meta({ description: 'What in it persons would not see, or what speaks to a model' }),
    first_seen_at: Time,
    last_seen_at: Time,
    decided_at: Time.nullable(),
    decided_by: z.string().nullable(),
  })
  .meta({ id: 'McpPin' });
export type McpPin = z.infer<typeof McpPin>;

export const McpPinList = z.object({ pins: z.array(McpPin) }).meta({ id: 'McpPinList' });
export type McpPinList = z.infer<typeof McpPinList>;

export const McpPinQuery = z.strictObject({
  status: z.enum(pinStatuses).optional().meta({ description: 'Without: those that are quarantined or approved' }),
});
export type McpPinQuery = z.infer<typeof McpPinQuery>;

export const ApprovePin = z
  .strictObject({
    server: plainText(64),
    tool: plainText(200),
    digest: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .meta({ description: 'Of the definition that was looked at' }),
  })
  .meta({ id: 'ApprovePin', example: { server: 'files', tool: 'read_file', digest: '0'.repeat(64) } });
export type ApprovePin = z.infer<typeof ApprovePin>;

export const ToolCallPage = z
  .object({
    calls: z.array(ToolCallView).meta({ description: 'Newest first' }),
    next_before: z.uuid().nullable().meta({ description: 'Send as `before` for the next page; null at the end' }),
  })
  .meta({ id: 'ToolCallPage' });
export type ToolCallPage = z.infer<typeof ToolCallPage>;
