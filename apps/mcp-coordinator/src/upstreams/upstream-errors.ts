// How a call to a server of tools fails when the server itself gives no result.

/** Nothing was sent: the server does not run, or is just being replaced. The call may be repeated. */
export class UpstreamUnavailable extends Error {
  override readonly name = 'UpstreamUnavailable';

  constructor(
    readonly server: string,
    readonly reason: string,
  ) {
    super(`${server} is not available: ${reason}`);
  }
}

/** The connection broke after the call was sent: whether the tool ran is not known. */
export class UpstreamLost extends Error {
  override readonly name = 'UpstreamLost';

  constructor(
    readonly server: string,
    readonly mayHaveRun: boolean,
    cause?: unknown,
  ) {
    super(`${server} was lost before it answered`, { cause });
  }
}

/** The server answered with an error of the protocol instead of a result, for instance that it has no such tool. */
export class UpstreamRefused extends Error {
  override readonly name = 'UpstreamRefused';

  constructor(
    readonly server: string,
    /** As in JSON-RPC. */
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}
