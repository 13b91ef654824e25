/** The broker did not confirm that it has a message. It may have it all the same. */
export class BrokerUnavailable extends Error {
  /** Trying again later can help. */
  readonly transient = true;

  constructor(why: string, cause?: unknown) {
    super(`the broker is not available: ${why}`, { cause });
    this.name = 'BrokerUnavailable';
  }
}
