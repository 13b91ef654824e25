// The settings of a tenant, by name.
import {
  applyDecorators,
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  HttpStatus,
  Module,
  Param,
  type PipeTransform,
  Put,
  Res,
} from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import {
  isSettingName,
  Setting,
  SettingList,
  type SettingName,
  settingNames,
  SettingOrder,
  settingsText,
} from '@pulser/contracts';
import type { FastifyReply } from 'fastify';

import { Caller, type RequestCaller, TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { bodyProblems, Documented } from '../docs/documented.js';
import { notFound } from '../rest/parameters.js';
import { expectedBy, SettingsService } from './settings.service.js';

/** The name of a setting in a path. @throws HttpError `not_found` for one that there is not */
class SettingPipe implements PipeTransform<string, SettingName> {
  transform(name: string): SettingName {
    if (!isSettingName(name)) throw notFound('setting');
    return name;
  }
}

const NameParameter = (): MethodDecorator =>
  ApiParam({ name: 'name', description: settingsText, schema: { type: 'string', enum: [...settingNames] } });

const headers = { ETag: 'Of this value, for If-Match' };

const answer = (status: number, description: string) => ({ status, description, schema: Setting, headers });

const Preconditioned = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'If-Match',
      description: 'Only if the setting has one of these ETags, or with `*` if there is one',
      required: false,
    }),
  );

/** Those that were not made have their defaults, and are not listed. */
@ApiTags('settings')
@Controller('api/v1/settings')
export class SettingsController {
  constructor(private readonly settings: SettingsService) {}

  @Role('viewer')
  @Documented({
    id: 'listSettings',
    summary: 'List the settings of the tenant',
    answers: [{ status: 200, description: 'Those that were made, by name', schema: SettingList }],
  })
  @Get()
  async list(@TenantId() tenantId: string): Promise<SettingList> {
    return { settings: await this.settings.list(tenantId) };
  }

  @Role('viewer')
  @NameParameter()
  @Documented({
    id: 'getSetting',
    summary: 'Get a setting',
    answers: [answer(200, 'The setting')],
    problems: ['not_found'],
  })
  @Get(':name')
  async get(
    @TenantId() tenantId: string,
    @Param('name', SettingPipe) name: SettingName,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Setting> {
    const setting = await this.settings.get(tenantId, name);
    reply.header('etag', setting.etag);
    return setting;
  }

  @Role('admin')
  @NameParameter()
  @Preconditioned()
  @ApiHeader({ name: 'If-None-Match', description: 'With `*`: only if the setting is not there', required: false })
  @Documented({
    id: 'putSetting',
    summary: 'Make or replace a setting',
    description: 'Without If-Match it replaces whatever is there. Tasks that run keep what they have read.',
    answers: [answer(200, 'The setting as it is now'), answer(201, 'The setting, which was not there')],
    problems: [...bodyProblems, 'not_found', 'precondition_failed'],
  })
  @Put(':name')
  async put(
    @Caller() caller: RequestCaller,
    @Param('name', SettingPipe) name: SettingName,
    @Headers('if-match') ifMatch: string | undefined,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Body({ schema: SettingOrder }) { value }: SettingOrder,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Setting> {
    const setting = await this.settings.put(caller, name, value, expectedBy({ ifMatch, ifNoneMatch }));
    reply.status(setting.version === 1 ? HttpStatus.CREATED : HttpStatus.OK).header('etag', setting.etag);
    return setting;
  }

  @Role('admin')
  @NameParameter()
  @Preconditioned()
  @Documented({
    id: 'deleteSetting',
    summary: 'Delete a setting, so that its default holds',
    answers: [{ status: 204, description: 'It is deleted' }],
    problems: ['not_found', 'precondition_failed'],
  })
  @Delete(':name')
  @HttpCode(HttpStatus.NO_CONTENT)
  remove(
    @Caller() caller: RequestCaller,
    @Param('name', SettingPipe) name: SettingName,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    return this.settings.remove(caller, name, expectedBy({ ifMatch }));
  }
}

@Module({ controllers: [SettingsController], providers: [SettingsService] })
export class SettingsModule {}
