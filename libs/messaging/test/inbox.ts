import type { Broker, Consumer, Delivery, Subscription } from '../src/index.js';

/** What a consumer got, in order; nothing is settled unless the test does it. */
export interface Inbox {
  readonly consumer: Consumer;
  readonly deliveries: Delivery[];
  readonly texts: string[];
}

export const inbox = async (
  broker: Broker,
  subscription: Partial<Subscription> & Pick<Subscription, 'queue'>,
  onDelivery: (delivery: Delivery) => void = () => undefined,
): Promise<Inbox> => {
  const deliveries: Delivery[] = [];
  const texts: string[] = [];
  const consumer = await broker.consume({ bindings: [], prefetch: 10, ...subscription }, (delivery) => {
    deliveries.push(delivery);
    texts.push(delivery.body.toString());
    onDelivery(delivery);
  });
  return { consumer, deliveries, texts };
};

export const acking = (delivery: Delivery): void => {
  delivery.ack();
};
