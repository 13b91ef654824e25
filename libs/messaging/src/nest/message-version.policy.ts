import { header, messageVersion } from '@pulser/contracts';

import { RejectMessage } from './reject-message.js';

const readable = (version: unknown): boolean =>
  typeof version === 'number' && Number.isInteger(version) && Math.abs(version - messageVersion) <= 1;

/**
 * During a rolling upgrade services of this version and of the next, or of the one before, speak with each other. Their
 * schemas only ever gain optional fields, and readers pass over fields they do not know. A producer need not say a version.
 * @throws RejectMessage when the message is of a version further away
 */
export const checkVersion = (headers: Readonly<Record<string, unknown>>): void => {
  const version = headers[header.version];
  if (version === undefined || readable(version)) return;
  throw new RejectMessage(
    'unsupported_version',
    `Version ${typeof version === 'number' ? version : `of type ${typeof version}`}; this build reads ${messageVersion - 1} to ${messageVersion + 1}`,
  );
};
