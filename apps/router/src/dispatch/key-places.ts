// Places under concurrency keys: given as soon as somebody says that one may be free or wanted, and by the sweep.
import { Injectable } from '@nestjs/common';
import { Coalescer } from '@pulser/concurrency';
import { type GatedTask, KeyGate, type ConcurrencyKeyOfTenant } from '@pulser/context-bus';
import type { SubmittedTask } from '@pulser/contracts';

import { Dispatcher } from './dispatcher.js';

/** Whether a message speaks of a key, and not of a row. */
export const isGated = (task: SubmittedTask): task is GatedTask => task.gate !== undefined;

@Injectable()
export class KeyPlaces {
  // One statement at a time for all that came meanwhile: only one router may give places at a moment.
  private readonly wanted = new Coalescer<ConcurrencyKeyOfTenant, undefined>({
    flush: async (keys) => {
      await this.dispatcher.offer(await this.gate.admit(keys));
      return keys.map(() => undefined);
    },
    sharedFailure: () => true,
  });

  constructor(
    private readonly gate: KeyGate,
    private readonly dispatcher: Dispatcher,
  ) {}

  /** Gives the places of these keys that are free. @throws DatabaseUnavailable */
  async give(tasks: readonly GatedTask[]): Promise<void> {
    await Promise.all(tasks.map(({ tenant_id: tenantId, gate: key }) => this.wanted.add({ tenantId, key })));
  }

  /** Gives places that nobody asked for. @returns to how many tasks. @throws DatabaseUnavailable */
  async sweep(): Promise<number> {
    const tasks = await this.gate.sweep();
    if (tasks.length > 0) await this.dispatcher.offer(tasks);
    return tasks.length;
  }
}
