import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

import { callerOf } from './caller.js';

/** Id of the tenant of whoever made the request. */
export const TenantId = createParamDecorator((_: undefined, context: ExecutionContext): string => {
  return callerOf(context).tenantId;
});
