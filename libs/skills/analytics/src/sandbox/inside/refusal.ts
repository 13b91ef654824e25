import type { Failure } from '../job.js';

/** Ends a job with a fault of its payload. */
export class Refusal extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(failure.message, { cause });
    this.name = 'Refusal';
    this.failure = failure;
  }
}
