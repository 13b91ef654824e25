import { outgoingRefusals, type OutgoingRefusalCode } from './codes.js';
import { sentence, type OutgoingFacts } from './outgoing-facts.js';

/** The request, or the place to which it was redirected, is not allowed: nothing was sent there. */
export class OutgoingRefused extends Error {
  override readonly name = 'OutgoingRefused';
  /** The same request will be refused again. */
  readonly permanent = true;

  constructor(
    readonly code: OutgoingRefusalCode,
    readonly facts: OutgoingFacts = {},
  ) {
    super(sentence(outgoingRefusals[code], facts));
  }
}
