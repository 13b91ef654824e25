import { Module } from '@nestjs/common';

import { AccessModule } from '../access/access.module.js';
import { OidcController } from './oidc.controller.js';
import { OidcLogins } from './oidc.service.js';
import { SessionsController } from './sessions.controller.js';
import { Sessions } from './sessions.service.js';

@Module({
  imports: [AccessModule],
  controllers: [OidcController, SessionsController],
  providers: [OidcLogins, Sessions],
})
export class SessionsModule {}
