import { Injectable } from '@nestjs/common';
import { Artifacts, TaskEvents } from '@pulser/context-bus';

import { FactsPublisher } from '../facts/facts.publisher.js';

/** Where an attempt keeps its lines and files. */
@Injectable()
export class AttemptKeeping {
  constructor(
    readonly events: TaskEvents,
    readonly artifacts: Artifacts,
    readonly facts: FactsPublisher,
  ) {}
}
