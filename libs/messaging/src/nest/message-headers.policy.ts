import { bodyRefusals, hasForbiddenKey, isForbiddenName } from '@pulser/contracts';

import { RejectMessage } from './reject-message.js';

/** @throws RejectMessage when a name in the headers of a message could pollute prototypes */
export const checkHeaders = (headers: Readonly<Record<string, unknown>>): void => {
  if (Object.keys(headers).some(isForbiddenName) || hasForbiddenKey(headers)) {
    throw new RejectMessage(bodyRefusals.forbiddenKey.letter, 'A header has its name');
  }
};
