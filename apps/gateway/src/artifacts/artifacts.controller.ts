// The files that a task made, and the headers that keep a browser from running what is in them.
import { createHash } from 'node:crypto';

import { Controller, Get, Headers, HttpStatus, Module, Param, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { type Artifact, Artifacts, TaskReads } from '@pulser/context-bus';
import { ArtifactView } from '@pulser/contracts';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';

import { TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';
import { hasContent, IdParameter, IdPipe, notFound } from '../rest/parameters.js';
import { artifactView } from '../tasks/tasks.service.js';

const svg = 'image/svg+xml';

/** Anything else could carry scripts that a browser would run as this site's own. */
const shown = new Set(['image/png', svg]);

// An SVG that is opened by itself is a document: nothing in it may load or run.
const svgPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

// RFC 8187: of what encodeURIComponent leaves alone, these are no attr-char.
const encoded = (name: string): string =>
  encodeURIComponent(name).replaceAll(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);

const disposition = ({ name, mediaType }: Artifact): string =>
  shown.has(mediaType) ? 'inline' : `attachment; filename*=UTF-8''${encoded(name)}`;

/** The entity tag of an artifact (RFC 9110) is the hash of its content. */
const tagOf = ({ content }: Artifact): string => `"${createHash('sha256').update(content).digest('base64url')}"`;

/** Headers of an answer with an artifact. */
export const artifactHeaders = (artifact: Artifact, etag = tagOf(artifact)): Record<string, string> => ({
  'content-type': artifact.mediaType,
  'content-disposition': disposition(artifact),
  'x-content-type-options': 'nosniff',
  // To be asked again each time: a later attempt may replace it.
  'cache-control': 'private, no-cache',
  etag,
  ...(artifact.mediaType === svg && { 'content-security-policy': svgPolicy }),
});

const documentedHeaders = {
  ETag: 'Hash of the content, for If-None-Match',
  'Content-Disposition': '`inline` for PNG and SVG, `attachment` for everything else',
};

/** The files that a task made. */
@ApiTags('artifacts')
@Controller('api/v1/tasks/:id/artifacts')
export class ArtifactsController {
  constructor(
    private readonly artifacts: Artifacts,
    private readonly reads: TaskReads,
  ) {}

  @Role('viewer')
  @IdParameter('the task')
  @Documented({
    id: 'listArtifacts',
    summary: 'List the files that a task made',
    answers: [{ status: 200, description: 'Its files, by name', schema: z.array(ArtifactView) }],
    problems: ['not_found'],
  })
  @Get()
  async list(@TenantId() tenantId: string, @Param('id', new IdPipe('task')) taskId: string): Promise<ArtifactView[]> {
    const task = await this.reads.find(tenantId, taskId);
    if (task === null) throw notFound('task');
    return task.artifacts.map((artifact) => artifactView(taskId, artifact));
  }

  @Role('viewer')
  @IdParameter('the task')
  @Documented({
    id: 'getArtifact',
    summary: 'Get a file that a task made',
    answers: [
      {
        status: 200,
        description: 'Its bytes, as the media type of the file',
        headers: documentedHeaders,
        content: { '*/*': {} },
      },
      { status: 304, description: 'The client has it already' },
    ],
    problems: ['not_found'],
  })
  @ApiHeader({ name: 'If-None-Match', description: 'ETags of what the client has, or `*`', required: false })
  @Get(':name')
  async content(
    @TenantId() tenantId: string,
    @Param('id', new IdPipe('artifact')) taskId: string,
    @Param('name') name: string,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer | undefined> {
    const artifact = await this.artifacts.find(tenantId, taskId, name);
    if (artifact === undefined) throw notFound('artifact');
    const tag = tagOf(artifact);
    reply.headers(artifactHeaders(artifact, tag));
    if (!hasContent(known, tag)) return artifact.content;
    reply.status(HttpStatus.NOT_MODIFIED);
    return undefined;
  }
}

@Module({ controllers: [ArtifactsController] })
export class ArtifactsModule {}
