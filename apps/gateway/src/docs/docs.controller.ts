import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public, pulserVersion } from '@pulser/service-kit';

import { asyncApi } from './async-api.policy.js';
import { problemsPage } from './problems-page.policy.js';

@Public()
@ApiExcludeController()
@Controller('docs')
export class DocsController {
  private readonly messages = asyncApi(pulserVersion);

  @Get('asyncapi.json')
  asyncApi(): object {
    return this.messages;
  }

  @Get('problems')
  @Header('Content-Type', 'text/html; charset=utf-8')
  problems(): string {
    return problemsPage;
  }
}
