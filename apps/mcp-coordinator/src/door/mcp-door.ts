// The protocol towards clients, whichever revision they speak: each request is answered by itself, without a session. A third
// revision changes this file and `protocol/upstream-connection.ts`, and nothing else.
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  type AuthInfo,
  type CallToolResult,
  createMcpHandler,
  type McpHttpHandler,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
  type Tool,
} from '@modelcontextprotocol/server';
import { Logger, pulserVersion } from '@pulser/service-kit';

import type { RegisteredTool } from '../registry/definition.policy.js';
import { ToolRegistry } from '../registry/tool-registry.js';
import type { ToolAnswer, ToolProgress } from '../upstreams/tool-answer.js';
import { FindTool, findToolDefinition, findToolName } from './find-tool.js';
import { OwnTools } from './own-tools.js';
import { type DoorCaller, ToolCallsAtDoor } from './tool-calls-at-door.js';

const about = { name: 'pulser', title: 'Pulser', version: pulserVersion };
const instructions =
  'Tools of Pulser and of the servers that it coordinates. `find_tool` finds the one for a purpose. Calls that destroy, cost ' +
  'money or run code answer `approval_required` first: repeat them with the id of the approval once persons have decided.';

/** Members of `_meta` that a client may send with a call. */
const metaKeys = { idempotencyKey: 'io.pulser/idempotency-key', approvalId: 'io.pulser/approval-id' } as const;

const maxBodyBytes = 4 * 1_024 * 1_024;

interface CallerInfo extends AuthInfo {
  readonly extra: { readonly caller: DoorCaller };
}

const listed = (tool: RegisteredTool): Tool => ({
  name: tool.exposedName,
  ...(tool.title !== undefined && { title: tool.title }),
  description: tool.description,
  inputSchema: tool.inputSchema as Tool['inputSchema'],
  ...(tool.outputSchema !== undefined && { outputSchema: tool.outputSchema }),
  // Ours: what a server says of its tools is not believed.
  annotations: {
    readOnlyHint: tool.flag === 'read',
    destructiveHint: tool.flag === 'destructive',
    idempotentHint: tool.isIdempotent,
  },
});

const textIn = (meta: Readonly<Record<string, unknown>> | undefined, key: string): string | undefined => {
  const value = meta?.[key];
  return typeof value === 'string' ? value : undefined;
};

@Injectable()
export class McpDoor implements OnApplicationShutdown {
  private readonly handler: McpHttpHandler;

  constructor(
    private readonly registry: ToolRegistry,
    private readonly calls: ToolCallsAtDoor,
    private readonly own: OwnTools,
    private readonly findTool: FindTool,
    logger: Logger,
  ) {
    this.handler = createMcpHandler(({ authInfo }) => this.serverFor((authInfo as CallerInfo).extra.caller), {
      maxRequestBodySize: maxBodyBytes,
      onerror: (err) => {
        logger.debug({ err }, 'a request to /mcp was refused');
      },
    });
    registry.onChange(() => {
      this.handler.notify.toolsChanged();
    });
  }

  answer(request: Request, caller: DoorCaller): Promise<Response> {
    const authInfo: CallerInfo = { token: caller.apiKey, clientId: caller.name, scopes: [], extra: { caller } };
    return this.handler.fetch(request, { authInfo });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.handler.close();
  }

  // The other class of the library takes schemas of Zod; these tools bring JSON Schemas.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- it is for "advanced use cases", as this one
  private serverFor(caller: DoorCaller): Server {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- as above
    const server = new Server(about, { capabilities: { tools: { listChanged: true } }, instructions });
    server.setRequestHandler('tools/list', async () => ({ tools: await this.toolsOf(caller) }));
    server.setRequestHandler('tools/call', async ({ params }, context) => {
      const answer = await this.call(caller, params.name, params.arguments ?? {}, context);
      return server.projectCallToolResult(resultOf(answer), this.registry.find(params.name)?.outputSchema);
    });
    return server;
  }

  private async toolsOf(caller: DoorCaller): Promise<Tool[]> {
    const visible = await this.calls.visible(caller);
    return [findToolDefinition, ...this.own.definitions, ...visible.map(listed)] as Tool[];
  }

  private async call(
    caller: DoorCaller,
    name: string,
    args: Readonly<Record<string, unknown>>,
    context: ServerContext,
  ): Promise<ToolAnswer> {
    const { signal, _meta: meta } = context.mcpReq;
    if (name === findToolName) return this.findTool.call(args, await this.calls.visible(caller));
    if (this.own.has(name)) return this.own.call(name, args, caller.apiKey, signal);
    const answer = await this.calls.call(
      caller,
      {
        tool: name,
        arguments: args,
        idempotencyKey: textIn(meta, metaKeys.idempotencyKey),
        approvalId: textIn(meta, metaKeys.approvalId),
      },
      { signal, onProgress: progressTo(context) },
    );
    if (answer !== undefined) return answer;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name.slice(0, 100)}`);
  }
}

const resultOf = ({ content, structuredContent, isError, meta }: ToolAnswer): CallToolResult =>
  ({
    content,
    ...(structuredContent !== undefined && { structuredContent }),
    ...(meta !== undefined && { _meta: meta }),
    isError,
  }) as unknown as CallToolResult;

const progressTo = ({ mcpReq }: ServerContext): ((progress: ToolProgress) => void) | undefined => {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return ({ done, total, message }) => {
    const params = {
      progressToken,
      progress: done,
      ...(total !== undefined && { total }),
      ...(message !== undefined && { message }),
    };
    // Who has gone needs no news.
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
  };
};
