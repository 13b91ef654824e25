// What can go wrong between a client and a server of these tests.
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A fault of the next request whose method and path match. */
export interface Fault {
  /** The beginning of a method and path, such as `GET /containers/json`. */
  readonly of: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the connection in the middle of the body. */
  readonly truncated?: true;
  /** Never answers. */
  readonly silent?: true;
}

const answer = (response: ServerResponse, { status = 200, headers, body = '', truncated }: Fault): void => {
  const length = Buffer.byteLength(body) * (truncated ? 2 : 1);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': length, ...headers });
  if (!truncated) response.end(body);
  else response.write(body, () => response.destroy());
};

/** Faults that wait for their request, each for one. */
export class Faults {
  private readonly waiting: Fault[] = [];

  add(fault: Fault): void {
    this.waiting.push(fault);
  }

  clear(): void {
    this.waiting.length = 0;
  }

  /** Whether a fault has taken the request. */
  take({ method = '', url = '' }: IncomingMessage, response: ServerResponse): boolean {
    const index = this.waiting.findIndex(({ of }) => `${method} ${url}`.startsWith(of));
    const [fault] = index === -1 ? [] : this.waiting.splice(index, 1);
    if (fault === undefined) return false;
    if (!fault.silent) answer(response, fault);
    return true;
  }
}
