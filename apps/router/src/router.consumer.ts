import { Ctx, Payload } from '@nestjs/microservices';
import type { AgentHeartbeat, DispatchReported, SubmitTask, TasksSubmitted } from '@pulser/contracts';
import { DeliveryContext, MessageConsumer, OnMessage } from '@pulser/messaging';

import { AgentQueueWindows } from './dispatch/agent-queue-window.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { GatewayCredit } from './dispatch/gateway-credit.js';
import { OrderIntake } from './intake/order-intake.js';

/** Every message that the router handles, except those in `dead-letters`. */
@MessageConsumer()
export class RouterConsumer {
  constructor(
    private readonly orders: OrderIntake,
    private readonly dispatcher: Dispatcher,
    private readonly windows: AgentQueueWindows,
    private readonly credit: GatewayCredit,
  ) {}

  /** An order of an AMQP producer: the same as a POST. */
  @OnMessage('task.submit')
  submit(@Payload() order: SubmitTask, @Ctx() context: DeliveryContext): Promise<void> {
    return this.orders.accept(order, context);
  }

  /** Rows that a gateway has just committed. */
  @OnMessage('tasks.submitted')
  submitted(@Payload() tasks: TasksSubmitted): Promise<void> {
    return this.dispatcher.offer(tasks);
  }

  /** What a worker has finished so far, by which the speed of its agent is measured. */
  @OnMessage('agent.heartbeat')
  heartbeat(@Payload() heartbeat: AgentHeartbeat): void {
    this.windows.of(heartbeat.agent).heard(heartbeat, performance.now());
  }

  /** What a gateway has sent to workers by itself, and would send. */
  @OnMessage('dispatch.reported')
  reported(@Payload() report: DispatchReported): void {
    this.credit.heard(report, performance.now());
  }
}
