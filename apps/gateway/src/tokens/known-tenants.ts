import { Injectable } from '@nestjs/common';
import { Tenants } from '@pulser/context-bus';

/** A tenant that is gone counts no more after this long, in milliseconds. */
const knownMs = 1_000;
const maxKnown = 10_000;

/** Knows a tenant again for a second, so that a busy person costs no read a request. */
@Injectable()
export class KnownTenants {
  private readonly until = new Map<string, number>();

  constructor(private readonly tenants: Tenants) {}

  /** @throws DatabaseUnavailable */
  async has(tenantId: string): Promise<boolean> {
    const known = this.until.get(tenantId);
    if (known !== undefined && known > performance.now()) return true;
    if ((await this.tenants.nameOf(tenantId)) === undefined) return false;
    if (this.until.size >= maxKnown) this.until.clear();
    this.until.set(tenantId, performance.now() + knownMs);
    return true;
  }
}
