// A definition as a server of the protocol, for one connection.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type CallToolRequest,
  type ServerNotification,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';

import { answerTo } from './answer.js';
import type { Hosting, ToolCallContext } from './call-context.js';
import { type CallMeta, callMetaOf, needsHostKey, variablesKey } from './call-meta.js';
import type { McpServerDefinition, ServerTool } from './definition.js';

const listed = (tool: ServerTool): Tool => ({
  name: tool.name,
  title: tool.title,
  description: tool.description,
  inputSchema: tool.inputSchema as Tool['inputSchema'],
  outputSchema: tool.outputSchema as NonNullable<Tool['outputSchema']>,
  annotations: {
    title: tool.title,
    readOnlyHint: tool.flag === 'read',
    destructiveHint: tool.flag === 'destructive',
    idempotentHint: tool.idempotent,
    openWorldHint: tool.openWorld,
  },
  ...(tool.needsHost && { _meta: { [needsHostKey]: true } }),
});

const toolOf = ({ tools }: McpServerDefinition, name: string): ServerTool => {
  const tool = tools.find((candidate) => candidate.name === name);
  if (tool === undefined) throw new McpError(ErrorCode.InvalidParams, `Unknown tool: ${name.slice(0, 100)}`);
  return tool;
};

const metaOf = ({ params }: CallToolRequest): CallMeta => {
  try {
    return callMetaOf(params._meta);
  } catch (error) {
    // Without its message, which may hold a value.
    throw new McpError(ErrorCode.InvalidParams, 'Invalid _meta', { cause: (error as Error).name });
  }
};

const progressOf =
  (
    { params }: CallToolRequest,
    send: (notification: ServerNotification) => Promise<void>,
  ): ToolCallContext['progress'] =>
  (progress, total, message) => {
    const progressToken = params._meta?.progressToken;
    if (progressToken === undefined) return;
    const about = { ...(total !== undefined && { total }), ...(message !== undefined && { message }) };
    // Who has gone needs no news.
    send({ method: 'notifications/progress', params: { progressToken, progress, ...about } }).catch(() => undefined);
  };

/** A server that is not connected yet. */
export const protocolServer = (definition: McpServerDefinition, hosting: Hosting): McpServer => {
  const { name, title, version, variables } = definition;
  const mcp = new McpServer({ name, title, version });
  mcp.server.registerCapabilities({ tools: { listChanged: false } });
  mcp.server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: definition.tools.map(listed),
    _meta: { [variablesKey]: variables },
  }));
  mcp.server.setRequestHandler(CallToolRequestSchema, (request, { signal, sendNotification }) => {
    const tool = toolOf(definition, request.params.name);
    const incoming = { meta: metaOf(request), signal, progress: progressOf(request, sendNotification) };
    return answerTo(definition, tool, request.params.arguments, incoming, hosting);
  });
  return mcp;
};
