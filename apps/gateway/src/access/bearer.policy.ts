// Longer ones are not ours, and would only fill the authenticator's memory.
const bearer = /^bearer +([\x21-\x7e]{1,200})$/i;

/** The key of an `Authorization: Bearer <key>` header (RFC 6750), or undefined. */
export const bearerKey = (header: string | undefined): string | undefined => bearer.exec(header ?? '')?.[1];
