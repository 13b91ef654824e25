import { setTimeout as wait } from 'node:timers/promises';

import type { Random, Tenant } from '@pulser/harness';

/** An answer of 500 or more. */
export interface ServerError {
  readonly at: number;
  readonly gateway: string;
  readonly status: number;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const timeoutMs = 5_000;
const retryMs = [30, 400] as const;

/** Refused for good: the load itself is wrong, or Pulser is. */
export class Refused extends Error {
  constructor(status: number, body: string) {
    super(`refused with ${status}: ${body}`);
    this.name = 'Refused';
  }
}

/** Calls the gateways, any of them, as often as it takes, with the same idempotency key. */
export class HttpClient {
  readonly serverErrors: ServerError[] = [];
  /** Attempts that ended without an answer: refused, reset or timed out. */
  unanswered = 0;

  constructor(
    private readonly gateways: readonly string[],
    private readonly random: Random,
  ) {}

  /** @throws Refused on any other 4xx than 429; the reason of the signal when it is aborted */
  async post(
    path: string,
    tenant: Tenant,
    key: string | undefined,
    body: unknown,
    signal: AbortSignal,
  ): Promise<Answer> {
    for (;;) {
      signal.throwIfAborted();
      const answer = await this.once(path, tenant, key, body);
      if (answer !== undefined && answer.status < 500 && answer.status !== 429) return answer;
      await wait(this.random.between(...retryMs));
    }
  }

  private async once(
    path: string,
    tenant: Tenant,
    key: string | undefined,
    body: unknown,
  ): Promise<Answer | undefined> {
    const gateway = this.random.pick(this.gateways);
    try {
      const response = await fetch(gateway + path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${tenant.key}`,
          'content-type': 'application/json',
          ...(key !== undefined && { 'idempotency-key': key }),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return await this.read(gateway, response);
    } catch (error) {
      if (error instanceof Refused) throw error;
      this.unanswered += 1;
      return undefined;
    }
  }

  private async read(gateway: string, response: Response): Promise<Answer> {
    const text = await response.text();
    const { status } = response;
    if (status >= 500) this.serverErrors.push({ at: Date.now(), gateway, status, body: text.slice(0, 300) });
    // 404 and 409 are answers: a cancellation may ask for what they mean.
    if (status >= 400 && status < 500 && ![404, 409, 429].includes(status)) throw new Refused(status, text);
    return { status, body: status < 500 ? JSON.parse(text) : undefined };
  }
}
