// MCP servers, their tools and the calls of them.
import {
  Body,
  Controller,
  Get,
  HttpCode,
  HttpStatus,
  Module,
  Param,
  type PipeTransform,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import {
  ApprovePin,
  CallTool,
  HttpError,
  McpPinList,
  McpPinQuery,
  McpServerDetail,
  McpServerList,
  McpTool,
  McpToolList,
  McpToolQuery,
  ToolCallPage,
  ToolCallQuery,
  ToolCallResult,
  ToolCallView,
  ToolName,
} from '@pulser/contracts';
import { whenClosed } from '@pulser/service-kit';
import type { FastifyReply } from 'fastify';

import { Caller, type InstallationCaller, OfInstallation, type RequestCaller, TenantId } from '../access/caller.js';
import { InstallationRole, Role } from '../access/roles.js';
import { bodyProblems, Documented } from '../docs/documented.js';
import { Exportable } from '../rest/list-exports.js';
import { IdParameter, IdPipe } from '../rest/parameters.js';
import { McpCoordinator, McpPassageController } from './mcp-passage.js';
import { McpTools } from './mcp.service.js';

class ToolNamePipe implements PipeTransform<string, ToolName> {
  transform(text: string): ToolName {
    const { data } = ToolName.safeParse(text);
    if (data === undefined) throw new HttpError('unknown_tool', { detail: 'There is no such tool' });
    return data;
  }
}

const nameText = 'Name of the tool, such as `github__repo_get`';

@ApiTags('mcp')
@Controller('api/v1/mcp')
export class McpController {
  constructor(private readonly mcp: McpTools) {}

  @Role('viewer')
  @Documented({
    id: 'listMcpServers',
    summary: 'List the MCP servers with their states',
    answers: [{ status: 200, description: 'All servers', schema: McpServerList }],
    problems: ['server_unavailable'],
  })
  @Get('servers')
  servers(): Promise<McpServerList> {
    return this.mcp.servers();
  }

  @Role('viewer')
  @ApiParam({ name: 'name', description: 'Name of the server, such as `github`' })
  @Documented({
    id: 'getMcpServer',
    summary: 'Show an MCP server, what it was like, and what it needs of the tenant',
    answers: [{ status: 200, description: 'The server', schema: McpServerDetail }],
    problems: ['server_unavailable', 'not_found'],
  })
  @Get('servers/:name')
  server(@TenantId() tenantId: string, @Param('name') name: string): Promise<McpServerDetail> {
    return this.mcp.server(tenantId, name);
  }

  @Role('operator')
  @Documented({
    id: 'listMcpTools',
    summary: 'List the tools that the caller may call, or find those that fit what is to be done',
    description: 'A key sees the tools that only read, unless `tools` of the key names others.',
    answers: [{ status: 200, description: 'The tools; of a `query` the best first', schema: McpToolList }],
    problems: ['invalid_request', 'server_unavailable', 'not_allowed'],
  })
  @Get('tools')
  tools(@Caller() caller: RequestCaller, @Query({ schema: McpToolQuery }) query: McpToolQuery): Promise<McpToolList> {
    return this.mcp.tools(caller, query);
  }

  @Role('operator')
  @ApiParam({ name: 'name', description: nameText })
  @Documented({
    id: 'getMcpTool',
    summary: 'Show a tool with its schemas and examples',
    answers: [{ status: 200, description: 'The tool', schema: McpTool }],
    problems: ['unknown_tool', 'server_unavailable', 'not_allowed'],
  })
  @Get('tools/:name')
  tool(@Caller() caller: RequestCaller, @Param('name', new ToolNamePipe()) name: ToolName): Promise<McpTool> {
    return this.mcp.tool(caller, name);
  }

  @Role('operator')
  @ApiParam({ name: 'name', description: nameText })
  @Documented({
    id: 'callMcpTool',
    summary: 'Call a tool',
    description:
      'A call that destroys, costs money or runs code answers `approval_required` with an `approval_id` first: once persons ' +
      'have approved it, the same caller repeats the same call with that id, which uses it up. With an idempotency key a call ' +
      'that changes something is made once. In a problem `may_have_run` says that it may have been done although no answer came, ' +
      '`key_spent` that the call of this key or approval has failed, so that only another one makes it again.',
    answers: [{ status: 200, description: 'What the tool answered', schema: ToolCallResult }],
    problems: [
      ...bodyProblems,
      ...(['unknown_tool', 'not_allowed', 'invalid_args', 'server_unavailable', 'not_configured'] as const),
      ...(['timeout', 'rate_limited', 'upstream_error', 'approval_required'] as const),
    ],
  })
  @Post('tools/:name/call')
  @HttpCode(HttpStatus.OK)
  call(
    @Caller() caller: RequestCaller,
    @Param('name', new ToolNamePipe()) name: ToolName,
    @Body({ schema: CallTool }) order: CallTool,
    @Res({ passthrough: true }) response: FastifyReply,
  ): Promise<ToolCallResult> {
    const gone = new AbortController();
    whenClosed(response.raw, () => {
      gone.abort();
    });
    return this.mcp.call(caller, name, order, gone.signal);
  }

  @Role('viewer')
  @Documented({
    id: 'listMcpCalls',
    summary: 'List the calls of tools, newest first',
    description: 'Every call, refused and failed ones too, of tasks and of keys.',
    answers: [{ status: 200, description: 'A page', schema: ToolCallPage }],
    problems: ['invalid_request'],
  })
  @Exportable({
    name: 'tool-calls',
    row: ToolCallView,
    rows: 'calls',
    paging: { parameter: 'before', next: 'next_before' },
  })
  @Get('calls')
  calls(@TenantId() tenantId: string, @Query({ schema: ToolCallQuery }) query: ToolCallQuery): Promise<ToolCallPage> {
    return this.mcp.page(tenantId, query);
  }

  @Role('viewer')
  @IdParameter('the call')
  @Documented({
    id: 'getMcpCall',
    summary: 'Show a call of a tool',
    answers: [{ status: 200, description: 'The call', schema: ToolCallView }],
    problems: ['not_found'],
  })
  @Get('calls/:id')
  oneCall(@TenantId() tenantId: string, @Param('id', new IdPipe('tool call')) callId: string): Promise<ToolCallView> {
    return this.mcp.find(tenantId, callId);
  }

  @InstallationRole('viewer')
  @Documented({
    id: 'listMcpPins',
    summary: 'List the definitions of tools, those to review first',
    description:
      'A tool is called by the definition that its server listed first. Another one waits here, and the tool with it, until ' +
      'an operator of the installation approves it.',
    answers: [{ status: 200, description: 'The definitions', schema: McpPinList }],
    problems: ['invalid_request', 'server_unavailable'],
  })
  @Get('pins')
  pins(@Query({ schema: McpPinQuery }) query: McpPinQuery): Promise<McpPinList> {
    return this.mcp.pins(query);
  }

  @InstallationRole('operator')
  @Documented({
    id: 'approveMcpPin',
    summary: 'Trust a definition of a tool that was looked at',
    answers: [{ status: 204, description: 'The tool is offered with it' }],
    problems: [...bodyProblems, 'not_found', 'server_unavailable'],
  })
  @Post('pins/approve')
  @HttpCode(HttpStatus.NO_CONTENT)
  approve(@OfInstallation() caller: InstallationCaller, @Body({ schema: ApprovePin }) pin: ApprovePin): Promise<void> {
    return this.mcp.approvePin(caller, pin);
  }
}

@Module({ controllers: [McpController, McpPassageController], providers: [McpCoordinator, McpTools] })
export class McpModule {}
