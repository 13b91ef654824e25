// Calls of tools of MCP servers, as a handler makes them. Loaded in threads: it must not import Nest or a database.
import { createHash } from 'node:crypto';

import type { ApprovedCalls, FoundTool, McpTool, ToolCallReply, ToolFailure } from '@pulser/contracts';
import { approvedCallsOperation, passingToolErrors, TaskError, toolLimits } from '@pulser/contracts';
import { mcpCatalogue } from '@pulser/roster';

import { notApproved } from './approval-gate.js';
import type { Effect, TaskContext } from './task-context.js';
import type { CallsApproval, CallsToApprove, TaskTools, ToolAnswer, ToolCallOptions } from './task-tools.js';

type Arguments = Readonly<Record<string, unknown>>;

/** A call as the worker sends it. */
export interface ToolOrder {
  readonly tool: string;
  readonly arguments: Arguments;
  /** Milliseconds. */
  readonly timeoutMs: number;
  readonly idempotencyKey?: string;
  readonly approvalId?: string;
  /** What the approval is of, where it is not of this call alone. */
  readonly approvedCalls?: ApprovedCalls;
}

/** The worker's part of `tools`. (No interface: threads look functions up by name.) */
export type ToolHostCalls = {
  readonly callTool: (order: ToolOrder) => Promise<ToolCallReply>;
  /** Those of these names that the agent may call. */
  readonly listTools: (names: readonly string[]) => Promise<readonly McpTool[]>;
  /** Those that fit a text, the best first; none when there is no coordinator. */
  readonly findTools: (query: string, limit: number) => Promise<readonly FoundTool[]>;
};

const readOnly: ReadonlySet<string> = new Set(
  mcpCatalogue.filter(({ flag }) => flag === 'read').map(({ exposedName }) => exposedName),
);
const known: ReadonlySet<string> = new Set(mcpCatalogue.map(({ exposedName }) => exposedName));

/** What a call fails with in a task. */
export const toolFailure = (tool: string, failure: ToolFailure): TaskError => {
  const { code, message, call_id, retry_after_s: retryAfterS, may_have_run: mayHaveRun, key_spent: keySpent } = failure;
  const details = {
    ...{ tool, code, call_id },
    ...(mayHaveRun === true && { may_have_run: true }),
    ...(keySpent === true && { key_spent: true }),
  };
  const permanent = mayHaveRun === true || !passingToolErrors.has(code);
  const retry = retryAfterS === undefined ? {} : { retryAfterMs: retryAfterS * 1_000 };
  return new TaskError('tool_failed', `${tool}: ${message}`, { details, permanent, ...retry });
};

const answerOf = (tool: string, reply: ToolCallReply): ToolAnswer => {
  if (!reply.ok) throw toolFailure(tool, reply.error);
  const { call_id: callId, content, structured } = reply.result;
  return { callId, content, structured };
};

const hashOf = (tool: string, given: Arguments): string =>
  createHash('sha256')
    .update(JSON.stringify([tool, given]))
    .digest('hex')
    .slice(0, 40);

/** What a call of a tool needs of the context. */
type Parts = Pick<TaskContext, 'once' | 'waitFor'>;

/** `tools` of a context. */
export const taskTools = (host: ToolHostCalls, { once, waitFor }: Parts): TaskTools => {
  const isRead = async (tool: string): Promise<boolean> => {
    if (known.has(tool)) return readOnly.has(tool);
    return (await host.listTools([tool]))[0]?.flag === 'read';
  };

  /** The approval that the call waits for. @throws TaskError when it was not given */
  const approved = async (key: string, tool: string, given: Arguments): Promise<string> => {
    const request = { title: `Call ${tool}`.slice(0, 200), operation: tool, arguments: given };
    const { approval } = await waitFor(key, { approval: request });
    if (!approval.approved) throw notApproved(approval);
    return approval.approvalId;
  };

  const approve = async (key: string, { calls, about = {}, ...terms }: CallsToApprove): Promise<CallsApproval> => {
    const subject = { ...about, calls: calls.map(({ tool, arguments: given }) => ({ tool, arguments: { ...given } })) };
    const request = { ...terms, operation: approvedCallsOperation, arguments: subject };
    const { approval } = await waitFor(key, { approval: request });
    if (!approval.approved) throw notApproved(approval);
    return { approvalId: approval.approvalId, approvedCalls: subject };
  };

  const made = async (order: ToolOrder, key: string, { idempotencyKey }: Effect): Promise<ToolAnswer> => {
    const first = await host.callTool({ ...order, idempotencyKey });
    if (first.ok || first.error.code !== 'approval_required') return answerOf(order.tool, first);
    const { tool, arguments: given, timeoutMs } = order;
    const approvalId = await approved(key, tool, given);
    return answerOf(tool, await host.callTool({ tool, arguments: given, timeoutMs, idempotencyKey, approvalId }));
  };

  return {
    approve,
    call: async (tool: string, given: Arguments = {}, { key, timeoutS, approval }: ToolCallOptions = {}) => {
      const timeoutMs = timeoutS === undefined ? toolLimits.usualTimeoutMs : timeoutS * 1_000;
      const order = { tool, arguments: given, timeoutMs, ...approval };
      const own = `tool:${key ?? hashOf(tool, given)}`;
      if (!(await isRead(tool))) return once(own, (effect) => made(order, own, effect));
      const first = await host.callTool(order);
      if (first.ok || first.error.code !== 'approval_required') return answerOf(tool, first);
      return once(own, (effect) => made(order, own, effect));
    },
    list: (names) => host.listTools(names),
    find: (query, limit = 5) => host.findTools(query, limit),
  };
};
