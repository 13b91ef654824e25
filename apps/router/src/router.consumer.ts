import { Ctx, Payload } from '@nestjs/microservices';
import type { AgentHeartbeat, DispatchReported, StreamsReported, SubmitTask, TasksSubmitted } from '@pulser/contracts';
import { DeliveryContext, MessageConsumer, OnMessage, StreamedTenants } from '@pulser/messaging';

import { AgentQueueWindows } from './dispatch/agent-queue-window.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { GatewayCredit } from './dispatch/gateway-credit.js';
import { isGated, KeyPlaces } from './dispatch/key-places.js';
import { Routes } from './dispatch/routes.js';
import { OrderIntake } from './intake/order-intake.js';

/** Every message that the router handles, except those in `dead-letters`. */
@MessageConsumer()
export class RouterConsumer {
  constructor(
    private readonly orders: OrderIntake,
    private readonly dispatcher: Dispatcher,
    private readonly places: KeyPlaces,
    private readonly windows: AgentQueueWindows,
    private readonly credit: GatewayCredit,
    private readonly routes: Routes,
    private readonly streamed: StreamedTenants,
  ) {}

  /** An order of an AMQP producer: the same as a POST. */
  @OnMessage('task.submit')
  submit(@Payload() order: SubmitTask, @Ctx() context: DeliveryContext): Promise<void> {
    return this.orders.accept(order, context);
  }

  /** Rows that a gateway has just committed. */
  @OnMessage('tasks.submitted')
  async submitted(@Payload() tasks: TasksSubmitted): Promise<void> {
    const gated = tasks.filter(isGated);
    if (gated.length === 0) return this.dispatcher.offer(tasks);
    await this.places.give(gated);
    return this.dispatcher.offer(tasks.filter((task) => !isGated(task)));
  }

  /** What a worker has finished so far, by which the speed of its agent is measured. */
  @OnMessage('agent.heartbeat')
  heartbeat(@Payload() heartbeat: AgentHeartbeat): void {
    this.windows.of(heartbeat.agent).heard(heartbeat, performance.now());
  }

  /** An agent has failed, or comes back: the next task is routed by what its row says. */
  @OnMessage('agent.health-changed')
  healthChanged(): Promise<void> {
    return this.routes.outdated();
  }

  /** What a gateway has sent to workers by itself, and would send. */
  @OnMessage('dispatch.reported')
  reported(@Payload() report: DispatchReported): void {
    this.credit.heard(report, performance.now());
  }

  /** Whose event streams are open at a gateway: what only these show is published for them alone. */
  @OnMessage('streams.reported')
  streams(@Payload() report: StreamsReported): void {
    this.streamed.heard(report, performance.now());
  }
}
