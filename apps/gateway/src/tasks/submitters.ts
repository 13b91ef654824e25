// By which name people know who submitted a task. Rows have the id of the key alone: its name is looked up once.
import { Injectable } from '@nestjs/common';
import { TenantKeys } from '@pulser/context-bus';
import { BriefCache } from '@pulser/concurrency';
import { z } from 'zod';

/** Milliseconds. Names of keys never change; only that there is none may. */
const keepMs = 60_000;

@Injectable()
export class Submitters {
  private readonly names = new BriefCache<string | null>(keepMs);

  constructor(private readonly keys: TenantKeys) {}

  /**
   * @param submittedBy id of a key, or subject of a token, which is its own name
   * @returns null for a key that is not known any more
   * @throws DatabaseUnavailable
   */
  nameOf(tenantId: string, submittedBy: string | null): Promise<string | null> {
    if (submittedBy === null || !z.uuid().safeParse(submittedBy).success) return Promise.resolve(submittedBy);
    return this.names.get(`${tenantId} ${submittedBy}`, async () => {
      const key = await this.keys.find(tenantId, submittedBy);
      return key?.name ?? null;
    });
  }
}
