import { outgoingFailures, type OutgoingFailureCode } from './codes.js';
import { sentence, type OutgoingFacts } from './outgoing-facts.js';

/** The request was allowed and there is no answer to it, or none that can be used. */
export class OutgoingFailed extends Error {
  override readonly name = 'OutgoingFailed';
  /** Whether trying again cannot help. */
  readonly permanent: boolean;

  constructor(
    readonly code: OutgoingFailureCode,
    readonly facts: OutgoingFacts = {},
    cause?: unknown,
  ) {
    super(sentence(outgoingFailures[code].title, facts), { cause });
    this.permanent = outgoingFailures[code].permanent;
  }
}
