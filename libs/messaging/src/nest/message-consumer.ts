import { Controller } from '@nestjs/common';

/** Marks a class whose methods handle messages, see `@OnMessage`. Nest looks for these in controllers only. */
export const MessageConsumer = (): ClassDecorator => Controller();
