import type { INestApplication } from '@nestjs/common';
import { SwaggerModule } from '@nestjs/swagger';

import { openApi } from './open-api.js';

/** Serves the page at `/docs` and the document at `/docs-json`; the document is made when it is first asked for. */
export const serveOpenApi = (app: INestApplication, module: new () => object): void => {
  SwaggerModule.setup('docs', app, () => openApi(app, module), {
    customSiteTitle: 'Pulser API',
    raw: ['json'],
    // The badge would ask a server on the internet.
    swaggerOptions: { validatorUrl: null, tryItOutEnabled: true },
  });
};
