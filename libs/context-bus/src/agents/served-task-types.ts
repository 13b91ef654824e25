import { Injectable } from '@nestjs/common';
import type { TaskType } from '@pulser/contracts';

import { Agents } from './agents.store.js';

const freshMs = 2_000;

/** Task types that some agent has registered, read again every two seconds at most. */
@Injectable()
export class ServedTaskTypes {
  private readAt = -Infinity;
  private types: Promise<ReadonlySet<TaskType>> = Promise.resolve(new Set<TaskType>());

  constructor(private readonly agents: Agents) {}

  /** @throws DatabaseUnavailable */
  current(): Promise<ReadonlySet<TaskType>> {
    if (performance.now() - this.readAt > freshMs) {
      this.readAt = performance.now();
      this.types = this.read();
    }
    return this.types;
  }

  private async read(): Promise<ReadonlySet<TaskType>> {
    try {
      return new Set((await this.agents.list()).flatMap(({ taskTypes }) => taskTypes));
    } catch (error) {
      this.readAt = -Infinity;
      throw error;
    }
  }
}
