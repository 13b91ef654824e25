// Which hosts the tasks of a worker may ask now. Handlers ask from threads that come and go; the worker remembers.
import { Injectable } from '@nestjs/common';
import { type Breaker, Breakers } from '@pulser/service-kit';

import { AgentEnv } from '../agent/agent.env.js';
import type { Attempt } from './attempt.js';

/** The host did not answer, or said that it cannot. */
class HostAway extends Error {}

const isFailure = (error: unknown): boolean => error instanceof HostAway;

/** Resolves when the breaker has counted the answer. */
type Settle = (isUp: boolean) => Promise<void>;

/** The two calls of one attempt, before and after it asks a host. */
export interface HostBreakerCalls {
  readonly mayAsk: (origin: string) => Promise<boolean>;
  readonly answered: (origin: string, isUp: boolean) => Promise<void>;
}

/** One breaker for each tenant and origin: what one tenant asks of a host keeps no other from it. */
@Injectable()
export class HostBreakers {
  constructor(
    private readonly breakers: Breakers,
    private readonly env: AgentEnv,
  ) {}

  open({ tenantId }: Pick<Attempt, 'tenantId'>): HostBreakerCalls {
    const asking = new Map<string, Settle>();
    return {
      mayAsk: async (origin) => {
        const settle = await this.begin(this.breakers.of('http', { member: `${tenantId} ${origin}`, isFailure }));
        if (settle === undefined) return false;
        // Of a handler that asks twice at a time only the last answer counts.
        await asking.get(origin)?.(true);
        asking.set(origin, settle);
        return true;
      },
      answered: async (origin, isUp) => {
        const settle = asking.get(origin);
        asking.delete(origin);
        await settle?.(isUp);
      },
    };
  }

  /** @returns undefined when the host must not be asked; else what says whether it answered */
  private begin(breaker: Breaker): Promise<Settle | undefined> {
    const { promise: answer, resolve, reject } = Promise.withResolvers<undefined>();
    // A handler that ended without a word says nothing of the host.
    const forgotten = setTimeout(resolve, 2_000 * this.env.OUTGOING_TIMEOUT_S, undefined).unref();
    return new Promise((begun) => {
      const counted = breaker
        .run(() => {
          begun(async (isUp) => {
            if (isUp) resolve(undefined);
            else reject(new HostAway());
            await counted;
          });
          return answer;
        })
        .catch(() => {
          begun(undefined);
        })
        .finally(() => {
          clearTimeout(forgotten);
        });
    });
  }
}
