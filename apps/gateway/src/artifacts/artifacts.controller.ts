import { Controller, Get, Headers, HttpStatus, Param, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Artifacts, TaskReads } from '@pulser/context-bus';
import { type ArtifactView, HttpError } from '@pulser/contracts';
import type { FastifyReply } from 'fastify';

import { Role } from '../access/role.js';
import { TenantId } from '../access/tenant.js';
import { TaskIdPipe } from '../tasks/task-id.pipe.js';
import { artifactView } from '../tasks/task-view.policy.js';
import { artifactHeaders } from './artifact-headers.policy.js';
import { ArtifactNamePipe } from './artifact-name.pipe.js';
import { documentedArtifacts } from './artifacts.documentation.js';

@ApiTags('artifacts')
@Controller('api/v1/tasks/:id/artifacts')
export class ArtifactsController {
  constructor(
    private readonly artifacts: Artifacts,
    private readonly reads: TaskReads,
  ) {}

  @Role('viewer')
  @documentedArtifacts.list
  @Get()
  async list(@TenantId() tenantId: string, @Param('id', TaskIdPipe) taskId: string): Promise<ArtifactView[]> {
    const task = await this.reads.find(tenantId, taskId);
    if (task === null) throw new HttpError('not_found');
    return task.artifacts.map((artifact) => artifactView(taskId, artifact));
  }

  @Role('viewer')
  @documentedArtifacts.content
  @Get(':name')
  async content(
    @TenantId() tenantId: string,
    @Param('id', TaskIdPipe) taskId: string,
    @Param('name', ArtifactNamePipe) name: string,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer | undefined> {
    const artifact = await this.artifacts.find(tenantId, taskId, name);
    if (artifact === undefined) throw new HttpError('not_found');
    const headers = artifactHeaders(artifact);
    reply.headers(headers);
    if (known !== headers['etag']) return artifact.content;
    reply.status(HttpStatus.NOT_MODIFIED);
    return undefined;
  }
}
