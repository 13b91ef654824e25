import { createHash, randomBytes } from 'node:crypto';

const prefix = 'pulser_';
const shownCharacters = 6;

/** A new key: 256 random bits, readable as one of ours. Only its hash is ever stored. */
export const newApiKey = (): string => prefix + randomBytes(32).toString('base64url');

/** SHA-256: enough for a secret of 256 random bits. */
export const hashApiKey = (key: string): Buffer => createHash('sha256').update(key).digest();

/** The part by which people recognise a key. */
export const apiKeyPrefix = (key: string): string => key.slice(0, prefix.length + shownCharacters);
