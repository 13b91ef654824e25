import { createHmac } from 'node:crypto';

export type Json = Readonly<Record<string, unknown>>;

const part = (value: string | Buffer | Json): string =>
  Buffer.from(typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value)).toString(
    'base64url',
  );

export const nowS = (): number => Math.floor(Date.now() / 1_000);

/** A token of any header and claims, made by hand: libraries refuse to make most of those that must be refused. */
export const token = (header: Json, claims: Json, sign: (input: string) => Buffer = () => Buffer.alloc(0)): string => {
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${part(sign(input))}`;
};

export const hmac =
  (secret: string | Buffer, digest = 'sha256') =>
  (input: string): Buffer =>
    createHmac(digest, secret).update(input).digest();
