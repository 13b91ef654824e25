// The secrets of a tenant: written by its administrators, listed by name, shown by nothing.
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  Module,
  Param,
  type PipeTransform,
  Put,
  Res,
} from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { type SecretRow, SecretsNotConfigured, TenantSecrets } from '@pulser/context-bus';
import { HttpError, Secret, SecretHosts, SecretList, SecretName, SecretOrder } from '@pulser/contracts';
import type { FastifyReply } from 'fastify';

import { Caller, type RequestCaller, TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { bodyProblems, Documented } from '../docs/documented.js';
import { notFound } from '../rest/parameters.js';

// Never the value.
const secretView = ({ name, version, keyId, hosts, updatedAt, updatedBy }: SecretRow): Secret => ({
  name,
  version,
  key_id: keyId,
  // Written by this schema, perhaps by a newer version of it.
  hosts: SecretHosts.catch([]).parse(hosts),
  updated_at: updatedAt.toISOString(),
  updated_by: updatedBy,
});

/** The name of a secret in a path. @throws HttpError `invalid_request` for what cannot be one */
class SecretNamePipe implements PipeTransform<string, SecretName> {
  transform(text: string): SecretName {
    const { data, error } = SecretName.safeParse(text);
    if (error === undefined) return data;
    const detail = error.issues[0]?.message ?? '';
    throw new HttpError('invalid_request', { errors: [{ pointer: '/name', detail }] });
  }
}

const NameParameter = (): MethodDecorator =>
  ApiParam({
    name: 'name',
    description: 'Name of the secret',
    schema: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,62}$' },
  });

const notConfigured = (error: unknown): unknown =>
  error instanceof SecretsNotConfigured
    ? new HttpError('secrets_not_configured', {
        detail: 'SECRETS_KEY is not set for this gateway: its operator must set it, here and for the agents',
      })
    : error;

@ApiTags('secrets')
@Controller('api/v1/secrets')
export class SecretsController {
  constructor(private readonly secrets: TenantSecrets) {}

  @Role('operator')
  @Documented({
    id: 'listSecrets',
    summary: 'List the secrets of the tenant, without their values',
    answers: [{ status: 200, description: 'All secrets, by name', schema: SecretList }],
  })
  @Get()
  async list(@TenantId() tenantId: string): Promise<SecretList> {
    return { secrets: (await this.secrets.list(tenantId)).map(secretView) };
  }

  @Role('admin')
  @NameParameter()
  @Documented({
    id: 'putSecret',
    summary: 'Make or replace a secret',
    description:
      'Replaces value and hosts. Tasks name it where an operation takes one, for instance as ' +
      '`"headers": {"authorization": {"secret": "billing-api"}}`. Attempts that run keep what they have read.',
    answers: [
      { status: 200, description: 'The secret as it is now, without its value', schema: Secret },
      { status: 201, description: 'The secret, which was not there', schema: Secret },
    ],
    problems: [...bodyProblems, 'secrets_not_configured'],
  })
  @Put(':name')
  async put(
    @Caller() { tenantId, actor }: RequestCaller,
    @Param('name', SecretNamePipe) name: SecretName,
    @Body({ schema: SecretOrder }) { value, hosts }: SecretOrder,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Secret> {
    const row = await this.secrets.put(tenantId, actor, { name, value, hosts }).catch((error: unknown) => {
      throw notConfigured(error);
    });
    reply.status(row.version === 1 ? HttpStatus.CREATED : HttpStatus.OK);
    return secretView(row);
  }

  @Role('admin')
  @NameParameter()
  @Documented({
    id: 'deleteSecret',
    summary: 'Delete a secret',
    description: 'Tasks that name it fail from then on.',
    answers: [{ status: 204, description: 'It is gone' }],
    problems: ['invalid_request', 'not_found'],
  })
  @Delete(':name')
  @HttpCode(HttpStatus.NO_CONTENT)
  async remove(
    @Caller() { tenantId, actor }: RequestCaller,
    @Param('name', SecretNamePipe) name: SecretName,
  ): Promise<void> {
    if (!(await this.secrets.remove(tenantId, actor, name))) throw notFound('secret');
  }
}

@Module({ controllers: [SecretsController] })
export class SecretsModule {}
