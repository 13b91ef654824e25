import { bodyRefusals, hasForbiddenKey, isForbiddenName } from '@pulser/contracts';

import { DeadLetter } from './dead-letter.js';

/** @throws DeadLetter when a name in the headers of a message could pollute prototypes */
export const checkHeaders = (headers: Readonly<Record<string, unknown>>): void => {
  if (Object.keys(headers).some(isForbiddenName) || hasForbiddenKey(headers)) {
    throw new DeadLetter(bodyRefusals.forbiddenKey.letter, 'A header has its name');
  }
};
