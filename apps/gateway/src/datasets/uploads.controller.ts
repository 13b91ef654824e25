// Uploads by the hash of their content: how far one has come, and the next part of it. The headers are those of
// https://datatracker.ietf.org/doc/draft-ietf-httpbis-resumable-upload; unlike there the client names the resource, by the
// SHA-256, so that nothing is sent twice and nothing has to be created before.
import { applyDecorators, Controller, Get, Headers, Param, Patch, type PipeTransform, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes, ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import { submitterRole } from '@pulser/context-bus';
import { UploadView } from '@pulser/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';
import { notFound } from '../rest/parameters.js';
import { isLastPart, offsetOf } from './data-formats.policy.js';
import { UploadsService } from './uploads.service.js';

const sha256 = /^[0-9a-f]{64}$/;

/** A hash in a path. Text that is none is answered like one that nothing has. */
class HashPipe implements PipeTransform<string, Buffer> {
  transform(text: string): Buffer {
    if (!sha256.test(text)) throw notFound('upload');
    return Buffer.from(text, 'hex');
  }
}

const HashParameter = (): MethodDecorator =>
  ApiParam({
    name: 'sha256',
    description: 'SHA-256 of the whole file, hexadecimal',
    schema: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  });

const uploadHeaders = {
  'Upload-Offset': 'Bytes that are kept: where to go on',
  'Upload-Complete': '`?1` when it is whole, `?0` when it is not',
};

const withHeaders = (reply: FastifyReply, view: UploadView): UploadView => {
  reply.headers({ 'upload-offset': view.bytes, 'upload-complete': view.complete ? '?1' : '?0' });
  return view;
};

/** Documents a body of any media type. */
export const FileBody = (): MethodDecorator =>
  applyDecorators(
    ApiConsumes('*/*'),
    ApiBody({
      required: false,
      schema: { type: 'string', format: 'binary', description: 'The bytes of the file' },
      description: 'CSV, JSON, NDJSON, Parquet, XLSX; also compressed by gzip or in a zip',
    }),
  );

@ApiTags('datasets')
@Controller('api/v1/uploads')
export class UploadsController {
  constructor(private readonly uploads: UploadsService) {}

  @Role('viewer')
  @HashParameter()
  @Documented({
    id: 'getUpload',
    summary: 'How far an upload has come',
    answers: [{ status: 200, description: 'The upload', schema: UploadView, headers: uploadHeaders }],
    problems: ['not_found'],
  })
  @Get(':sha256')
  async find(
    @TenantId() tenantId: string,
    @Param('sha256', HashPipe) hash: Buffer,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UploadView> {
    const view = await this.uploads.find(tenantId, hash);
    if (view === undefined) throw notFound('upload');
    return withHeaders(reply, view);
  }

  @Role(submitterRole)
  @HashParameter()
  @ApiHeader({ name: 'Upload-Offset', description: 'Where its first byte belongs: 0 to begin', required: true })
  @ApiHeader({ name: 'Upload-Complete', description: '`?0` when more follows; `?1` without', required: false })
  @FileBody()
  @Documented({
    id: 'sendUpload',
    summary: 'Send a file, or a part of it',
    description:
      'All that came is kept also when the connection breaks: ask for the offset and go on there. When the last part has ' +
      'come the whole must have the hash of the path. Of a file that is there already nothing is read.',
    answers: [{ status: 200, description: 'The upload as it is now', schema: UploadView, headers: uploadHeaders }],
    problems: [
      ...(['invalid_request', 'not_found', 'request_timeout', 'conflict', 'upload_offset_mismatch'] as const),
      ...(['content_quota_exceeded', 'payload_too_large', 'digest_mismatch', 'content_unavailable'] as const),
    ],
  })
  @RouteConfig({ streamsBody: true })
  @Patch(':sha256')
  async send(
    @TenantId() tenantId: string,
    @Param('sha256', HashPipe) hash: Buffer,
    @Headers('upload-offset') offset: string | undefined,
    @Headers('upload-complete') complete: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UploadView> {
    const part = { sha256: hash, offset: offsetOf(offset), last: isLastPart(complete) };
    return withHeaders(reply, await this.uploads.receivePart(tenantId, request, part));
  }
}
