import { BaseRpcContext } from '@nestjs/microservices';

import type { Delivery } from '../broker/broker.js';

/** What a handler may know of the message besides its body: `handle(@Payload() body, @Ctx() context: DeliveryContext)`. */
export class DeliveryContext extends BaseRpcContext<[Delivery]> {
  constructor(delivery: Delivery) {
    super([delivery]);
  }

  get headers(): Readonly<Record<string, unknown>> {
    return this.args[0].headers;
  }

  get messageId(): string | undefined {
    return this.args[0].messageId;
  }

  get routingKey(): string {
    return this.args[0].routingKey;
  }

  get priority(): number | undefined {
    return this.args[0].priority;
  }

  /** Somebody may have handled this message before, wholly or in part. */
  get redelivered(): boolean {
    return this.args[0].redelivered;
  }

  /** The connection it came over is gone: somebody else gets, or already has, the same message. */
  get stale(): boolean {
    return this.args[0].stale;
  }
}
