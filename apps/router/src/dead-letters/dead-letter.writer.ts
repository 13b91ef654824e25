import { Injectable } from '@nestjs/common';
import { header } from '@pulser/contracts';
import { Authenticator, RawDeadLetters } from '@pulser/context-bus';

import { type BuriedMessage, rawLetterOf } from './raw-letter.policy.js';

// Longer ones are not ours, and would only fill the authenticator's memory.
const maxKeyLength = 200;

/** Keeps buried messages as rows, for the tenant of their key or, without a valid one, for nobody. */
@Injectable()
export class DeadLetterWriter {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly letters: RawDeadLetters,
  ) {}

  /** Durable when it returns. @returns false when it was kept before. @throws DatabaseUnavailable */
  async keep(message: BuriedMessage): Promise<boolean> {
    return this.letters.keep(rawLetterOf(message, await this.tenantOf(message)));
  }

  private async tenantOf({ headers }: BuriedMessage): Promise<string | undefined> {
    const key = headers[header.apiKey];
    if (typeof key !== 'string' || key.length > maxKeyLength) return undefined;
    return (await this.authenticator.authenticate(key))?.tenantId;
  }
}
