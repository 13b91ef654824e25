// Every error that the broker port throws.

/** The broker did not confirm that it has a message, or the connection was lost. It may have the message all the same. */
export class BrokerUnavailable extends Error {
  /** Trying again later can help. */
  readonly transient: boolean = true;

  constructor(why: string, cause?: unknown) {
    super(`the broker is not available: ${why}`, { cause });
    this.name = 'BrokerUnavailable';
  }
}

/** The broker refuses this service as it is configured: waiting does not help, so it stops the start of a service. */
export class BrokerRefused extends BrokerUnavailable {
  override readonly transient = false;

  constructor(
    why: string,
    /** What to change, shown in the line that explains why a service cannot start. */
    readonly startHint: string,
    cause?: unknown,
  ) {
    super(why, cause);
    this.name = 'BrokerRefused';
  }
}

/** No queue takes this mandatory message. */
export class Unroutable extends Error {
  readonly exchange: string;
  readonly routingKey: string;

  constructor({ exchange, routingKey }: { readonly exchange: string; readonly routingKey: string }) {
    super(`no queue takes '${routingKey}' from the exchange ${exchange}`);
    this.name = 'Unroutable';
    this.exchange = exchange;
    this.routingKey = routingKey;
  }
}

/** The broker has no queue of this name. */
export class UnknownQueue extends Error {
  constructor(readonly queue: string) {
    super(`there is no queue ${queue}`);
    this.name = 'UnknownQueue';
  }
}

/** No reply came before the deadline of a request. It may have been handled, wholly or in part. */
export class RequestTimedOut extends Error {
  constructor(timeoutMs: number) {
    super(`no reply within ${timeoutMs} ms`);
    this.name = 'RequestTimedOut';
  }
}

/** The server answered a request with an error. */
export class RequestFailed extends Error {
  constructor(
    /** One of the server's codes, for instance `invalid_message` or `handler_failed`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'RequestFailed';
  }
}
