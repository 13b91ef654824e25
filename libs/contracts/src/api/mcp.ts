// MCP servers and their tools, as the API shows and calls them.
import { z } from 'zod';

import type { HttpErrorCode } from '../errors.js';
import { plainText } from '../json.js';
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
  .array(z.strictObject({ tool: ToolPattern, ask: z.boolean() }))
  .max(100)
  .meta({ description: 'Rules: the first whose pattern fits says whether persons are asked' });
export type ToolApprovals = z.infer<typeof ToolApprovals>;

/** Variables of servers that are no secrets: by server, by name. */
export const McpVariables = z
  .record(z.string().regex(/^[a-z0-9-]{1,24}$/), z.record(z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/), plainText(2_000)))
  .refine((all) => Object.keys(all).length <= 50, 'At most 50 servers')
  .meta({ description: 'Variables by server and name, such as `{"pulser-hub": {"ODOO_DATABASE": "prod"}}`' });
export type McpVariables = z.infer<typeof McpVariables>;

/** What a key may call that names nothing else. */
export const usualToolPatterns: readonly ToolPattern[] = ['read'];

export const mcpServerStates = ['idle', 'starting', 'ready', 'degraded', 'backing-off', 'disabled'] as const;
export const McpServerState = z.enum(mcpServerStates);
export type McpServerState = z.infer<typeof McpServerState>;

const Time = z.iso.datetime();

export const McpServer = z
  .object({
    name: z.string(),
    state: McpServerState,
    since: Time.nullable().meta({ description: 'When the state began' }),
    tools: z.int().meta({ description: 'Tools that it offers now' }),
    last_error: z.string().nullable(),
  })
  .meta({ id: 'McpServer' });
export type McpServer = z.infer<typeof McpServer>;

export const McpServerList = z.object({ servers: z.array(McpServer) }).meta({ id: 'McpServerList' });
export type McpServerList = z.infer<typeof McpServerList>;

const JsonSchema = z.record(z.string(), z.unknown());

export const McpTool = z
  .object({
    name: ToolName,
    server: z.string(),
    title: z.string().nullable(),
    description: z.string(),
    flag: ToolFlag,
    needs_approval: z.boolean().meta({ description: 'Whether persons have to approve each call' }),
    input_schema: JsonSchema,
    output_schema: JsonSchema.nullable(),
  })
  .meta({ id: 'McpTool' });
export type McpTool = z.infer<typeof McpTool>;

export const McpToolList = z.object({ tools: z.array(McpTool) }).meta({ id: 'McpToolList' });
export type McpToolList = z.infer<typeof McpToolList>;

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
    principal: z.string().nullable().meta({ description: 'Id of a key, or subject of a token' }),
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
  task: z.uuid().optional(),
  outcome: ToolCallOutcome.optional(),
  before: z.uuid().optional().meta({ description: 'Calls before this one, for the next page' }),
  limit: z.coerce.number().int().min(1).max(maxPage).default(50),
  ...exportable,
});
export type ToolCallQuery = z.infer<typeof ToolCallQuery>;

/** A definition of a tool, as persons review it. */
export const McpPin = z
  .object({
    server: z.string(),
    tool: z.string().meta({ description: 'As its server names it' }),
    digest: z.string().meta({ description: 'SHA-256 of the definition, hexadecimal' }),
    status: z.enum(['approved', 'quarantined', 'withdrawn']),
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
