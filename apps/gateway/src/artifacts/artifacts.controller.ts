// The files that a task made, and the headers that keep a browser from running what is in them.
import { createHash } from 'node:crypto';

import { Controller, Get, Injectable, Module, Param, Req, Res, type StreamableFile } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { type Artifact, Artifacts, type ByteRange, Contents, type FoundArtifact, TaskReads } from '@pulser/context-bus';
import { ArtifactView } from '@pulser/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';
import { answerWithFile, fileHeaders, type SentFile, tagOfHash } from '../rest/file-answer.js';
import { IdParameter, IdPipe, notFound } from '../rest/parameters.js';
import { artifactView } from '../tasks/tasks.service.js';

const svg = 'image/svg+xml';

/** Anything else could carry scripts that a browser would run as this site's own. */
const shown = new Set(['image/png', svg]);

// An SVG that is opened by itself is a document: nothing in it may load or run.
const svgPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

// RFC 8187: of what encodeURIComponent leaves alone, these are no attr-char.
const encoded = (name: string): string =>
  encodeURIComponent(name).replaceAll(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);

const disposition = ({ name, mediaType }: Pick<Artifact, 'name' | 'mediaType'>): string =>
  shown.has(mediaType) ? 'inline' : `attachment; filename*=UTF-8''${encoded(name)}`;

/** Headers of an answer with a file that a task made. */
export const artifactHeaders = (artifact: Pick<Artifact, 'name' | 'mediaType'>): Record<string, string> => ({
  'content-type': artifact.mediaType,
  'content-disposition': disposition(artifact),
  'x-content-type-options': 'nosniff',
  // To be asked again each time: a later attempt may replace it.
  'cache-control': 'private, no-cache',
  ...(artifact.mediaType === svg && { 'content-security-policy': svgPolicy }),
});

const documentedHeaders = {
  ...fileHeaders,
  'Content-Disposition': '`inline` for PNG and SVG, `attachment` for everything else',
};

/** Finds files that tasks made, wherever their bytes are. */
@Injectable()
export class ArtifactFiles {
  constructor(
    private readonly artifacts: Artifacts,
    private readonly contents: Contents,
  ) {}

  /** @throws HttpError `not_found` */
  async find(tenantId: string, taskId: string, name: string): Promise<SentFile & Pick<Artifact, 'name' | 'mediaType'>> {
    const artifact = await this.artifacts.find(tenantId, taskId, name);
    if (artifact === undefined) throw notFound('artifact');
    const { contentId } = artifact;
    return contentId === null ? small(artifact) : this.large(tenantId, { ...artifact, contentId });
  }

  private async large(
    tenantId: string,
    { name, mediaType, contentId }: FoundArtifact & { readonly contentId: string },
  ): Promise<SentFile & Pick<Artifact, 'name' | 'mediaType'>> {
    const content = await this.contents.find(tenantId, contentId);
    if (content === undefined) throw notFound('artifact');
    const { bytes, sha256 } = content;
    return { name, mediaType, bytes, etag: tagOfHash(sha256), read: (range) => this.contents.read(content, range) };
  }
}

const small = ({ name, mediaType, content }: Artifact): SentFile & Pick<Artifact, 'name' | 'mediaType'> => ({
  name,
  mediaType,
  bytes: content.length,
  etag: tagOfHash(createHash('sha256').update(content).digest()),
  read: async function* ({ first, last }: ByteRange) {
    yield await Promise.resolve(content.subarray(first, last + 1));
  },
});

/** The files that a task made. */
@ApiTags('artifacts')
@Controller('api/v1/tasks/:id/artifacts')
export class ArtifactsController {
  constructor(
    private readonly files: ArtifactFiles,
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
      { status: 206, description: 'The part that Range asks for', content: { '*/*': {} } },
      { status: 304, description: 'The client has it already' },
    ],
    // The path may be too long.
    problems: ['invalid_request', 'not_found', 'range_not_satisfiable'],
  })
  @ApiHeader({ name: 'If-None-Match', description: 'ETags of what the client has, or `*`', required: false })
  @ApiHeader({ name: 'Range', description: 'One range of bytes', required: false })
  @ApiHeader({ name: 'If-Range', description: 'The range only of the content with this ETag', required: false })
  @Get(':name')
  async content(
    @TenantId() tenantId: string,
    @Param('id', new IdPipe('artifact')) taskId: string,
    @Param('name') name: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | undefined> {
    const file = await this.files.find(tenantId, taskId, name);
    reply.headers(artifactHeaders(file));
    return answerWithFile(request, reply, file);
  }
}

@Module({ controllers: [ArtifactsController], providers: [ArtifactFiles], exports: [ArtifactFiles] })
export class ArtifactsModule {}
