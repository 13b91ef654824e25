import { Controller, Get, Header, Headers, HttpStatus, Module, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { httpErrors } from '@pulser/contracts';
import { Public, pulserVersion } from '@pulser/service-kit';
import type { FastifyReply } from 'fastify';

import { dashboardPath } from '../dashboard/serve-dashboard.js';
import { GatewayEnv } from '../gateway.env.js';
import { asyncApi } from './async-api.js';

const rows = Object.entries(httpErrors)
  .map(
    ([code, { status, title }]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${title}</td></tr>`,
  )
  .join('\n');

/** Where the `type` of every problem document points to. */
const problemsPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Problems - Pulser</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 50rem; padding: 0 1rem }
td, th { padding: 0.25rem 1rem 0.25rem 0; text-align: left }
tr:target { background: #fff3b0 }
</style>
</head>
<body>
<h1>Problems</h1>
<p>Every error is answered with a problem document
(<a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>) whose <code>code</code> is one of these.</p>
<table>
<tr><th>Code</th><th>Status</th><th>Meaning</th></tr>
${rows}
</table>
</body>
</html>
`;

/** What is documented beside the routes: the messages and the problems. */
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

const always = { page: dashboardPath, api: '/api/v1', caller: '/api/v1/me', health: '/health' };

const documented = {
  docs: '/docs',
  openapi: '/docs-json',
  asyncapi: '/docs/asyncapi.json',
  problems: '/docs/problems',
  ...always,
};

/** Where a client that knows only the address goes on: browsers to the page, programs to the links. */
@Public()
@ApiExcludeController()
@Controller()
export class RootController {
  constructor(private readonly env: GatewayEnv) {}

  @Get()
  root(@Headers('accept') accept = '', @Res({ passthrough: true }) reply: FastifyReply): object | undefined {
    reply.header('vary', 'accept');
    if (!accept.includes('text/html')) return { name: 'Pulser', links: this.links() };
    reply.status(HttpStatus.FOUND).header('location', dashboardPath);
    return undefined;
  }

  private links(): object {
    return this.env.DOCS === 'off' ? always : documented;
  }
}

@Module({ controllers: [DocsController, RootController] })
export class DocsModule {}
