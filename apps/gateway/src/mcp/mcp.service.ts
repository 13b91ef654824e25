// MCP servers and their tools, asked of the coordinator over the broker.
import { Injectable } from '@nestjs/common';
import { type ListedToolCall, newCallId, principalId, ToolCallLog } from '@pulser/context-bus';
import {
  type ApprovePin,
  type CallTool,
  HttpError,
  type McpPinList,
  McpPinList as PinList,
  type McpPinQuery,
  McpServerDetail,
  type McpServerList,
  McpServerList as ServerList,
  type McpTool,
  type McpToolList,
  McpToolList as ToolList,
  type McpToolQuery,
  type ToolCallPage,
  type ToolCaller,
  type ToolCallQuery,
  ToolCallReply,
  type ToolCallResult,
  type ToolCallView,
  type ToolFailure,
  type ToolRead,
} from '@pulser/contracts';
import {
  BrokerUnavailable,
  Publisher,
  type Reply,
  RequestFailed,
  RequestTimedOut,
  Unroutable,
} from '@pulser/messaging';
import { z } from 'zod';

import type { InstallationCaller, RequestCaller } from '../access/caller.js';

/** Milliseconds in which the coordinator says what it knows by itself. */
const readMs = 5_000;
/** Milliseconds in which it finds tools: the first question waits until all definitions are embedded. */
const findMs = 30_000;
/** Milliseconds that the answer to a call may travel: the coordinator answers at the deadline itself. */
const travelMs = 1_000;

const unavailable = (cause: unknown): HttpError =>
  new HttpError('server_unavailable', { detail: 'The MCP coordinator does not answer', retryAfterS: 2, cause });

/** What came of a request to the coordinator that has no answer. */
const failureOf = (error: unknown): unknown => {
  if (error instanceof RequestFailed && error.code === 'not_allowed') return new HttpError('not_allowed');
  const away = [RequestTimedOut, RequestFailed, Unroutable, BrokerUnavailable].some((kind) => error instanceof kind);
  return away ? unavailable(error) : error;
};

const bodyOf = <S extends z.ZodType>(schema: S, { body }: Reply): z.output<S> =>
  schema.parse(JSON.parse(body.toString()));

const ServerFound = z.object({ server: McpServerDetail.nullable() });

const callerOf = (caller: RequestCaller): ToolCaller => ({
  kind: 'principal',
  tenant_id: caller.tenantId,
  key_id: caller.keyId ?? null,
  name: caller.name,
  role: caller.role,
});

const refusalOf = ({
  code,
  message,
  call_id,
  approval_id,
  retry_after_s,
  may_have_run,
  key_spent,
}: ToolFailure): HttpError =>
  new HttpError(code, {
    detail: message,
    extensions: {
      ...(call_id !== null && { call_id }),
      ...(approval_id !== undefined && { approval_id }),
      ...(may_have_run === true && { may_have_run }),
      ...(key_spent === true && { key_spent }),
    },
    ...(retry_after_s !== undefined && { retryAfterS: Math.ceil(retry_after_s) }),
  });

const callView = (row: ListedToolCall): ToolCallView => ({
  call_id: row.callId,
  at: row.at.toISOString(),
  tool: row.tool,
  server: row.server,
  flag: row.flag,
  agent: row.agent,
  task_id: row.taskId,
  principal: row.principal,
  principal_name: row.principalName,
  arguments: row.arguments,
  arguments_hash: row.argumentsHash,
  approval_id: row.approvalId,
  outcome: row.outcome,
  message: row.message,
  duration_ms: row.durationMs,
});

@Injectable()
export class McpTools {
  constructor(
    private readonly publisher: Publisher,
    private readonly log: ToolCallLog,
  ) {}

  /** @throws HttpError `server_unavailable` */
  servers(): Promise<McpServerList> {
    return this.read({ what: 'servers' }, ServerList);
  }

  /** @throws HttpError `server_unavailable`, `not_found` */
  async server(tenantId: string, name: string): Promise<McpServerDetail> {
    const { server } = await this.read({ what: 'server', name, tenant_id: tenantId }, ServerFound);
    if (server === null) throw new HttpError('not_found', { detail: 'There is no such MCP server' });
    return server;
  }

  /** Those that the caller may call. @throws HttpError `server_unavailable`, `not_allowed` */
  tools(caller: RequestCaller, { query, limit, schemas }: McpToolQuery): Promise<McpToolList> {
    const read = { what: 'tools', caller: callerOf(caller), brief: !schemas } as const;
    return query === undefined
      ? this.read(read, ToolList)
      : this.read({ ...read, search: { query, limit } }, ToolList, findMs);
  }

  /** @throws HttpError `server_unavailable`, `not_allowed`, `unknown_tool` for one that the caller does not see */
  async tool(caller: RequestCaller, name: string): Promise<McpTool> {
    const { tools } = await this.read({ what: 'tools', caller: callerOf(caller), names: [name] }, ToolList);
    const [tool] = tools;
    if (tool === undefined) throw new HttpError('unknown_tool', { detail: 'There is no such tool for this caller' });
    return tool;
  }

  /** @throws HttpError `server_unavailable` */
  pins({ status }: McpPinQuery): Promise<McpPinList> {
    return this.read({ what: 'pins', ...(status !== undefined && { status }) }, PinList);
  }

  /** @throws HttpError `server_unavailable`, `not_found` */
  async approvePin(caller: InstallationCaller, pin: ApprovePin): Promise<void> {
    const { body } = await this.asked(
      this.publisher.request('tools.review', { ...pin, by: principalId(caller) }, { timeoutMs: readMs }),
    );
    const { approved } = JSON.parse(body.toString()) as { readonly approved?: boolean };
    if (approved !== true)
      throw new HttpError('not_found', { detail: 'There is no such definition to review, or it is approved already' });
  }

  /**
   * Calls a tool for a key or a person.
   * @param gone whoever has asked does not wait any more
   * @throws HttpError with the code of the call
   */
  async call(caller: RequestCaller, tool: string, order: CallTool, gone: AbortSignal): Promise<ToolCallResult> {
    const began = performance.now();
    const { arguments: given, timeout_ms: timeoutMs, idempotency_key, approval_id } = order;
    const callId = newCallId();
    const keys = {
      ...(idempotency_key !== undefined && { idempotency_key }),
      ...(approval_id !== undefined && { approval_id }),
    };
    const message = { call_id: callId, caller: callerOf(caller), tool, arguments: given, ...keys };
    const cancel = (): void => {
      this.publisher.publish('tool.cancelled', { call_id: callId }).catch(() => undefined);
    };
    gone.addEventListener('abort', cancel, { once: true });
    try {
      const asked = this.publisher.request('tool.call', message, { timeoutMs: timeoutMs + travelMs, signal: gone });
      const reply = bodyOf(ToolCallReply, await this.asked(asked));
      if (!reply.ok) throw refusalOf(reply.error);
      return { ...reply.result, duration_ms: Math.round((performance.now() - began) * 1_000) / 1_000 };
    } finally {
      gone.removeEventListener('abort', cancel);
    }
  }

  async page(tenantId: string, query: ToolCallQuery): Promise<ToolCallPage> {
    const { tool, server, task, agent, principal, outcome, before, limit } = query;
    const rows = await this.log.page(tenantId, { tool, server, task, agent, principal, outcome, before, limit });
    const last = rows.length < limit ? undefined : rows.at(-1);
    return { calls: rows.map(callView), next_before: last?.callId ?? null };
  }

  /** @throws HttpError `not_found` */
  async find(tenantId: string, callId: string): Promise<ToolCallView> {
    const row = await this.log.find(tenantId, callId);
    if (row === undefined) throw new HttpError('not_found', { detail: 'There is no such call' });
    return callView(row);
  }

  private async read<S extends z.ZodType>(read: ToolRead, schema: S, timeoutMs = readMs): Promise<z.output<S>> {
    return bodyOf(schema, await this.asked(this.publisher.request('tools.read', read, { timeoutMs })));
  }

  private async asked(request: Promise<Reply>): Promise<Reply> {
    try {
      return await request;
    } catch (error) {
      throw failureOf(error);
    }
  }
}
