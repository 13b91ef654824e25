// Requests of workers and gateways, over the broker.
import { randomUUID } from 'node:crypto';

import { Ctx, Payload } from '@nestjs/microservices';
import {
  type McpPin,
  type McpPinList,
  type McpServerDetail,
  type McpServerList,
  type McpTool,
  type McpToolList,
  type ToolCallCancelled,
  type ToolCallOrder,
  type ToolCallReply,
  type ToolErrorCode,
  type ToolRead,
  type ToolReview,
  type ToolsFound,
} from '@pulser/contracts';
import { type ToolPin, ToolPins } from '@pulser/context-bus';
import { DatabaseUnavailable } from '@pulser/database';
import { DeliveryContext, MessageConsumer, OnMessage, OnRequest, RejectMessage } from '@pulser/messaging';
import { Logger } from '@pulser/service-kit';
import type { z } from 'zod';

import { FindTool } from '../door/find-tool.js';
import type { RegisteredTool } from '../registry/definition.policy.js';
import { ToolRegistry } from '../registry/tool-registry.js';
import { CallFailure } from '../calls/call-failure.js';
import { Callers } from '../calls/callers.js';
import { CallCredentials } from '../calls/credentials.js';
import { ServerStates } from '../calls/server-states.js';
import { ToolCalls } from '../calls/tool-calls.js';
import type { Caller } from '../calls/view.policy.js';

const refusal = (code: ToolErrorCode, message: string): ToolCallReply => ({
  ok: false,
  error: { code, message, call_id: null },
});

const refusalOf = (error: unknown): ToolCallReply => {
  if (error instanceof CallFailure) return refusal(error.code, error.message);
  if (error instanceof DatabaseUnavailable) return refusal('server_unavailable', 'The database cannot be reached');
  throw error;
};

interface Reviewed {
  readonly approved: boolean;
}

interface ServerFound {
  readonly server: McpServerDetail | null;
}

type ReadOf<What extends ToolRead['what']> = Extract<ToolRead, { what: What }>;

const usualPins = ['quarantined', 'approved'] as const;

const pinView = (pin: ToolPin): McpPin => ({
  ...{ server: pin.server, tool: pin.tool, digest: pin.digest, status: pin.status, warnings: [...pin.warnings] },
  definition: { ...pin.definition },
  approved_definition: pin.approvedDefinition === null ? null : { ...pin.approvedDefinition },
  first_seen_at: pin.firstSeenAt.toISOString(),
  last_seen_at: pin.lastSeenAt.toISOString(),
  decided_at: pin.decidedAt?.toISOString() ?? null,
  decided_by: pin.decidedBy,
});

@MessageConsumer()
export class ToolCallsConsumer {
  private readonly running = new Map<string, AbortController>();

  constructor(
    private readonly calls: ToolCalls,
    private readonly callers: Callers,
    private readonly servers: ServerStates,
    private readonly pins: ToolPins,
    private readonly registry: ToolRegistry,
    private readonly finder: FindTool,
    private readonly credentials: CallCredentials,
    private readonly logger: Logger,
  ) {}

  @OnRequest('tool.call')
  async call(@Payload() order: ToolCallOrder, @Ctx() context: DeliveryContext): Promise<ToolCallReply> {
    requireRequest(context);
    try {
      const caller = await this.callers.of(order.caller, context.sender);
      return await this.run(caller, order, context);
    } catch (error) {
      // It names no tenant whose audit it could be in.
      this.logger.warn({ err: error, sender: context.sender, tool: order.tool }, 'a call of a tool was refused');
      return refusalOf(error);
    }
  }

  @OnRequest('tools.read')
  async read(
    @Payload() read: ToolRead,
    @Ctx() context: DeliveryContext,
  ): Promise<McpServerList | ServerFound | McpToolList | McpPinList | z.infer<typeof ToolsFound>> {
    requireRequest(context);
    switch (read.what) {
      case 'servers':
        return { servers: this.servers.list() };
      case 'server':
        this.callers.requireGateway(context.sender);
        return { server: await this.serverOf(read.tenant_id, read.name) };
      case 'pins':
        this.callers.requireGateway(context.sender);
        return { pins: (await this.pins.list(read.status ? [read.status] : usualPins)).map(pinView) };
      case 'found':
        return this.found(read, await this.callers.of(read.caller, context.sender));
      case 'tools':
        return this.tools(read, await this.callers.of(read.caller, context.sender));
    }
  }

  @OnRequest('tools.review')
  async review(
    @Payload() { server, tool, digest, by }: ToolReview,
    @Ctx() context: DeliveryContext,
  ): Promise<Reviewed> {
    requireRequest(context);
    this.callers.requireGateway(context.sender);
    const approved = await this.pins.approve(server, tool, digest, by);
    if (approved) await this.registry.judge(server);
    return { approved };
  }

  @OnMessage('tool.cancelled')
  cancelled(@Payload() { call_id: callId }: ToolCallCancelled): void {
    this.running.get(callId)?.abort();
  }

  private async serverOf(tenantId: string, name: string): Promise<McpServerDetail | null> {
    const server = this.servers.find(name);
    if (server === undefined) return null;
    const variables = await this.credentials.stateOf(tenantId, name, this.registry.variablesOf(name));
    return { ...server, variables };
  }

  private async found({ query, limit }: ReadOf<'found'>, caller: Caller): Promise<z.infer<typeof ToolsFound>> {
    const tools = await this.finder.find(query, limit, this.calls.visible(caller));
    return { tools: tools.map((tool) => ({ ...tool, input_schema: { ...tool.input_schema } })) };
  }

  private async tools({ names, search, brief = false }: ReadOf<'tools'>, caller: Caller): Promise<McpToolList> {
    const visible = this.calls.visible(caller).filter(({ exposedName }) => names?.includes(exposedName) ?? true);
    const tools = search ? await this.finder.best(search.query, search.limit, visible) : visible;
    return { tools: await Promise.all(tools.map((tool) => this.viewOf(caller, tool, brief))) };
  }

  private async run(caller: Caller, order: ToolCallOrder, context: DeliveryContext): Promise<ToolCallReply> {
    const { call_id: callId, tool, arguments: given, idempotency_key: idempotencyKey, approval_id: approvalId } = order;
    const { approved_calls: approvedCalls } = order;
    const gone = new AbortController();
    // A second one with this id is cancelled by nobody.
    const id = this.running.has(callId) ? randomUUID() : callId;
    this.running.set(id, gone);
    try {
      return await this.calls.call(
        caller,
        { callId, tool, arguments: given, idempotencyKey, approvalId, approvedCalls },
        {
          signal: gone.signal,
          deadline: context.deadline,
          // Whoever has gone needs no news.
          onProgress: (progress) => void context.progress(progress).catch(() => undefined),
        },
      );
    } finally {
      this.running.delete(id);
    }
  }

  private async viewOf({ tenantId }: Caller, tool: RegisteredTool, isBrief: boolean): Promise<McpTool> {
    return {
      name: tool.exposedName,
      server: tool.server,
      title: tool.title ?? null,
      description: tool.description,
      flag: tool.flag,
      needs_approval: (await this.calls.gate(tenantId, tool)).asks,
      agents: [...tool.agents],
      not_configured: (await this.calls.missing(tenantId, tool)) ?? null,
      input_schema: isBrief ? {} : tool.inputSchema,
      output_schema: isBrief ? null : (tool.outputSchema ?? null),
    };
  }
}

/** Answers go to whoever has sent the request, and to nobody else. @throws RejectMessage */
const requireRequest = ({ isRequest }: DeliveryContext): void => {
  if (!isRequest) throw new RejectMessage('invalid_message', 'It asks for no direct reply');
};
