import { type DeadLetterReason, deadLetterReasons, header } from '@pulser/contracts';

/** Why, where and when a message was buried. */
export interface Burial {
  readonly reason: DeadLetterReason;
  readonly detail: string | undefined;
  /** Routing key that the message came with. */
  readonly routingKey: string | undefined;
  /** What tells this burial from another one of the same message. */
  readonly mark: string | undefined;
}

type Headers = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const isReason = (value: unknown): value is DeadLetterReason =>
  typeof value === 'string' && Object.hasOwn(deadLetterReasons, value);

// https://www.rabbitmq.com/docs/dlx#effects: the newest comes first.
const newestDeath = ({ 'x-death': deaths }: Headers): Headers | undefined => {
  const [death] = Array.isArray(deaths) ? (deaths as unknown[]) : [];
  return typeof death === 'object' && death !== null ? (death as Headers) : undefined;
};

const byTheBroker = (death: Headers): Burial => {
  const [routingKey] = Array.isArray(death['routing-keys']) ? (death['routing-keys'] as unknown[]) : [];
  return {
    reason: 'handler_failed',
    detail: `The broker gave up: ${text(death['reason']) ?? 'no reason'}`,
    routingKey: text(routingKey),
    mark: JSON.stringify(death['time']),
  };
};

/** Reads the headers of a message in `dead-letters`: buried by a consumer of ours, by the broker, or by somebody else. */
export const burialOf = (headers: Headers): Burial => {
  const reason = headers[header.deadReason];
  const death = newestDeath(headers);
  if (reason === undefined && death !== undefined) return byTheBroker(death);
  return {
    reason: isReason(reason) ? reason : 'unexplained',
    detail: text(headers[header.deadDetail]),
    routingKey: text(headers[header.deadRoutingKey]),
    mark: text(headers[header.deadId]),
  };
};
