import { Injectable } from '@nestjs/common';

import { ApiKeys } from './api-keys.store.js';
import type { Principal } from './principal.js';

/** A revoked key is refused everywhere after this long, in milliseconds. */
const cacheMs = 1_000;
const maxCached = 10_000;

interface Cached {
  readonly until: number;
  readonly principal: Promise<Principal | undefined>;
}

/** Knows a key again for a second, so that a busy client costs no read a request. */
@Injectable()
export class Authenticator {
  private readonly cache = new Map<string, Cached>();

  constructor(private readonly keys: ApiKeys) {}

  /** @returns undefined for an unknown, expired or revoked key. @throws DatabaseUnavailable */
  authenticate(key: string): Promise<Principal | undefined> {
    const cached = this.cache.get(key);
    if (cached !== undefined && cached.until > performance.now()) return cached.principal;
    return this.look(key);
  }

  private look(key: string): Promise<Principal | undefined> {
    if (this.cache.size >= maxCached) this.cache.clear();
    const principal = this.keys.find(key);
    this.cache.set(key, { until: performance.now() + cacheMs, principal });
    principal.catch(() => this.cache.delete(key));
    return principal;
  }
}
