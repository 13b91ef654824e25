import type { OutgoingMessage } from './broker.js';

/** No queue takes this mandatory message. */
export class Unroutable extends Error {
  readonly exchange: string;
  readonly routingKey: string;

  constructor({ exchange, routingKey }: Pick<OutgoingMessage, 'exchange' | 'routingKey'>) {
    super(`no queue takes '${routingKey}' from the exchange ${exchange}`);
    this.name = 'Unroutable';
    this.exchange = exchange;
    this.routingKey = routingKey;
  }
}
