// An answer that is read while it comes, under the limits of its call.
import { asOutgoing } from '../errors.js';
import type { OpenExchange } from './exchange.js';

/** An answer whose body is still coming: to be read to its end, or closed. */
export class OutgoingStream implements AsyncIterable<Uint8Array> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  /**
   * @param url that was asked
   * @param signal ends it, with its reason
   * @param onClose called once, however it ends
   */
  constructor(
    private readonly answer: OpenExchange,
    readonly url: URL,
    private readonly signal: AbortSignal,
    private readonly onClose: () => void,
  ) {
    this.status = answer.status;
    this.headers = answer.headers;
  }

  /** Reads the body once, and closes. @throws OutgoingFailed; the reason of the call's signal */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for await (const bytes of this.answer.body) {
        this.signal.throwIfAborted();
        yield bytes;
      }
      this.signal.throwIfAborted();
    } catch (error) {
      throw this.signal.aborted ? (this.signal.reason as Error) : asOutgoing(error, this.url.origin);
    } finally {
      await this.close();
    }
  }

  /** Closes the connection. May be called again. */
  async close(): Promise<void> {
    this.onClose();
    await this.answer.close();
  }
}
