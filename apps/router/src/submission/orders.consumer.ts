import { Ctx, Payload } from '@nestjs/microservices';
import type { SubmitTask } from '@pulser/contracts';
import { DeliveryContext, MessageConsumer, OnMessage } from '@pulser/messaging';

import { OrderIntake } from './order-intake.js';

/** Orders of producers that speak AMQP: the same as a POST. */
@MessageConsumer()
export class OrdersConsumer {
  constructor(private readonly intake: OrderIntake) {}

  @OnMessage('task.submit')
  submit(@Payload() order: SubmitTask, @Ctx() context: DeliveryContext): Promise<void> {
    return this.intake.accept(order, context);
  }
}
