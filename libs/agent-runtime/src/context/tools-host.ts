// Tools of MCP servers, called for handlers: the worker names its claim, and the coordinator believes nothing else of it.
import { Injectable } from '@nestjs/common';
import { newCallId } from '@pulser/context-bus';
import {
  McpToolList,
  type ToolCallOrder,
  ToolCallReply,
  type ToolCaller,
  type ToolErrorCode,
  type ToolRead,
  ToolsFound,
} from '@pulser/contracts';
import {
  BrokerUnavailable,
  Publisher,
  type Reply,
  RequestFailed,
  RequestTimedOut,
  Unroutable,
} from '@pulser/messaging';

import type { ToolHostCalls } from '../skills/tool-calls.js';
import type { Attempt } from './attempt.js';

/** Milliseconds in which the coordinator says what it knows by itself. */
const readMs = 2_000;
/** Milliseconds that an answer may travel: the coordinator answers at the deadline itself. */
const travelMs = 1_000;
/** Milliseconds for a search, without which an `ask` begins. */
const findMs = 1_000;
/** Milliseconds for which nobody waits for a coordinator again that did not answer: there may be none. */
const awayMs = 30_000;

const away = (error: unknown): boolean =>
  [RequestTimedOut, RequestFailed, Unroutable, BrokerUnavailable].some((kind) => error instanceof kind);

const refusal = (code: ToolErrorCode, message: string, mayHaveRun: boolean): ToolCallReply => ({
  ok: false,
  error: { code, message, call_id: null, ...(mayHaveRun && { may_have_run: true as const }) },
});

const jsonOf = ({ body }: Reply): unknown => JSON.parse(body.toString());

@Injectable()
export class ToolsHost {
  private awayUntil = 0;

  constructor(private readonly publisher: Publisher) {}

  /** The calls of one attempt. */
  calls(attempt: Attempt): ToolHostCalls {
    return {
      callTool: async ({ tool, arguments: given, timeoutMs, idempotencyKey, approvalId, approvedCalls }) => {
        const order: ToolCallOrder = {
          ...{ call_id: newCallId(), caller: await callerOf(attempt), tool, arguments: { ...given } },
          ...(idempotencyKey !== undefined && { idempotency_key: idempotencyKey }),
          ...(approvalId !== undefined && { approval_id: approvalId }),
          ...(approvedCalls !== undefined && { approved_calls: approvedCalls }),
        };
        return this.call(attempt, order, timeoutMs);
      },
      listTools: async (names) => {
        const read = { what: 'tools', caller: await callerOf(attempt), names: [...names] } satisfies ToolRead;
        return McpToolList.parse(jsonOf(await this.read(attempt, read))).tools;
      },
      findTools: async (query, limit) => {
        if (Date.now() < this.awayUntil) return [];
        try {
          const read = { what: 'found', caller: await callerOf(attempt), query, limit } satisfies ToolRead;
          return ToolsFound.parse(jsonOf(await this.read(attempt, read, findMs))).tools;
        } catch (error) {
          if (!away(error)) throw error;
          this.awayUntil = Date.now() + awayMs;
          return [];
        }
      },
    };
  }

  private read({ signal }: Attempt, read: ToolRead, timeoutMs = readMs): Promise<Reply> {
    return this.publisher.request('tools.read', read, { timeoutMs, signal });
  }

  private async call({ signal }: Attempt, order: ToolCallOrder, timeoutMs: number): Promise<ToolCallReply> {
    const cancel = (): void => {
      this.publisher.publish('tool.cancelled', { call_id: order.call_id }).catch(() => undefined);
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const limits = { timeoutMs: timeoutMs + travelMs, deadline: Date.now() + timeoutMs, signal };
      return ToolCallReply.parse(jsonOf(await this.publisher.request('tool.call', order, limits)));
    } catch (error) {
      return replyFor(error, timeoutMs);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }
}

const callerOf = async (attempt: Attempt): Promise<ToolCaller> => {
  const { epoch } = await attempt.claimed();
  return { kind: 'task', task_id: attempt.taskId, tenant_id: attempt.tenantId, epoch };
};

/** @throws what is no failure of the way to the coordinator */
const replyFor = (error: unknown, timeoutMs: number): ToolCallReply => {
  if (error instanceof RequestTimedOut) return refusal('timeout', `There is no answer after ${timeoutMs} ms`, true);
  if (error instanceof Unroutable) return refusal('server_unavailable', 'There is no MCP coordinator', false);
  if (error instanceof BrokerUnavailable || error instanceof RequestFailed)
    return refusal('server_unavailable', 'The MCP coordinator did not answer', true);
  throw error;
};
