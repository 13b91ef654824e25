import { applyDecorators, UseFilters } from '@nestjs/common';
import { EventPattern, type MessageHandler } from '@nestjs/microservices';
import type { MessageKey } from '@pulser/contracts';

import { RethrowFilter } from './rethrow.filter.js';

const mark = 'reportsErrors';

/**
 * Marks the method that handles messages of these keys: `handle(@Payload() body, @Ctx() context: DeliveryContext)`.
 * Returning means done; throwing `RejectMessage` means never; throwing anything else means again, later.
 */
export const OnMessage = (...keys: MessageKey[]): MethodDecorator =>
  applyDecorators(EventPattern<MessageKey[]>(keys, { [mark]: true }), UseFilters(new RethrowFilter()));

/** Whether what a handler throws arrives as it is; Nest's own `@EventPattern` would make another error of it. */
export const isOnMessage = (handler: MessageHandler): boolean => handler.extras?.[mark] === true;
