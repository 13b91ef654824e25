/** What a request shows to be let in: an API key, or a JSON Web Token of an identity provider. */
export type Credential =
  { readonly kind: 'key'; readonly text: string } | { readonly kind: 'token'; readonly text: string };

const bearer = /^bearer +([\x21-\x7e]+)$/i;

const maxHeaderBytes = 8_192;

// A longer text is no key of Pulser, and would only fill the cache of the authenticator.
const maxKeyLength = 200;

// Three parts of base64url (RFC 7515): a key has no dots.
const compactToken = /^[\w-]+\.[\w-]*\.[\w-]*$/;

/** What an `Authorization: Bearer ...` header (RFC 6750) shows; undefined when it can be nothing that is accepted. */
export const credentialOf = (header = ''): Credential | undefined => {
  const text = header.length > maxHeaderBytes ? undefined : bearer.exec(header)?.[1];
  if (text === undefined) return undefined;
  if (compactToken.test(text)) return { kind: 'token', text };
  return text.length > maxKeyLength ? undefined : { kind: 'key', text };
};
