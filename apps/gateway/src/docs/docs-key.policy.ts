import { credentialOf } from '../access/credential.policy.js';

const basic = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

const passwordOf = (header: string): string | undefined => {
  const encoded = basic.exec(header)?.[1];
  return encoded === undefined ? undefined : /:(.+)$/s.exec(Buffer.from(encoded, 'base64').toString())?.[1];
};

/** The API key of a request for `/docs`: a bearer, or the password that a browser asked for (RFC 7617), for any user. */
export const docsKey = (header = ''): string | undefined => {
  const password = passwordOf(header);
  const credential = credentialOf(password === undefined ? header : `Bearer ${password}`);
  return credential?.kind === 'key' ? credential.text : undefined;
};
