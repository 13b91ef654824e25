import { deadLetterReasons, type DeadLetterReason } from '@pulser/contracts';

/** Thrown by a handler: this message can never be handled and belongs to the dead letters. */
export class RejectMessage extends Error {
  constructor(
    readonly reason: DeadLetterReason,
    readonly detail?: string,
  ) {
    super(detail === undefined ? deadLetterReasons[reason] : `${deadLetterReasons[reason]}: ${detail}`);
    this.name = 'RejectMessage';
  }
}
