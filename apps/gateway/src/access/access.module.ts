import { Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';

import { AccessGuard, RateLimitGuard } from './caller.js';
import { DeclaredRoutes, RoleGuard } from './roles.js';
import { Tokens } from './tokens.service.js';

/** The guards of every route. They run in this order: who is it, how often, and what may it. */
@Module({
  imports: [DiscoveryModule],
  providers: [
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: RateLimitGuard },
    { provide: APP_GUARD, useClass: RoleGuard },
    DeclaredRoutes,
    Tokens,
  ],
  exports: [Tokens],
})
export class AccessModule {}
