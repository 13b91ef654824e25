// How secrets of tenants are encrypted: AES-256-GCM (NIST SP 800-38D), a random nonce per write, bound to the row.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

import { z } from 'zod';

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** A key, with the name under which rows refer to it. */
interface SecretKey {
  readonly id: string;
  readonly key: Buffer;
}

/** What a ciphertext is bound to: it decrypts for this alone. */
export interface SecretBinding {
  readonly tenantId: string;
  readonly name: string;
  readonly version: number;
  /** Where tasks may send it. */
  readonly hosts: unknown;
}

export interface SealedSecret {
  /** With the tag at its end. */
  readonly ciphertext: Buffer;
  readonly nonce: Buffer;
  readonly keyId: string;
}

/** A secret cannot be decrypted: its key is not in SECRETS_KEY, or the row was altered. */
export class SecretUnreadable extends Error {
  constructor(
    readonly reason: 'unknown_key' | 'altered',
    message: string,
  ) {
    super(message);
    this.name = 'SecretUnreadable';
  }
}

// By a keyed hash: the name of a key tells nothing of it.
const idOf = (key: Buffer): string => createHmac('sha256', key).update('pulser secrets key').digest('hex').slice(0, 16);

const keyIn = (text: string): Buffer | undefined => {
  const key = Buffer.from(text, 'base64');
  return key.length === keyBytes && key.toString('base64') === text ? key : undefined;
};

const wrong = 'one or two keys, comma separated, each 32 random bytes in base64: `openssl rand -base64 32` makes one';

/** The setting of services that keep secrets or use them. All services of an installation must have the same. */
export const secretsEnv = {
  SECRETS_KEY: z
    .string()
    .transform((text, context) => {
      const keys = text.split(',').map((part) => keyIn(part.trim()));
      const known = keys.filter((key) => key !== undefined);
      if (known.length === keys.length && keys.length <= 2) return known;
      context.addIssue({ code: 'custom', message: wrong });
      return z.NEVER;
    })
    .optional()
    .describe(
      'Key of the secrets of tenants, 32 random bytes in base64 (`openssl rand -base64 32`); without it none can be stored or used. Two, comma separated, while it is replaced: the first encrypts, both decrypt',
    ),
};

/** File of the data folder of `npm start` that holds SECRETS_KEY unless the variable is set. */
export const secretsKeyFile = 'secrets-key';

/** A new key, as SECRETS_KEY takes it. */
export const newSecretsKey = (): string => randomBytes(keyBytes).toString('base64');

// In one form, whatever order the database gives members in.
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => [name, canonical(member)]);
};

const boundTo = ({ tenantId, name, version, hosts }: SecretBinding): Buffer =>
  Buffer.from(JSON.stringify(['pulser secret', 1, tenantId, name, version, canonical(hosts)]));

/** Encrypts with the first key, decrypts with each. */
export class SecretCipher {
  private readonly keys: readonly SecretKey[];

  /** @param keys as SECRETS_KEY has them; none: nothing can be encrypted */
  constructor(keys: readonly Buffer[] = []) {
    this.keys = keys.map((key) => ({ id: idOf(key), key }));
  }

  /** Name of the key that encrypts; undefined when there is none. */
  get keyId(): string | undefined {
    return this.keys[0]?.id;
  }

  /** Whether it has the key of that name. */
  knows(keyId: string): boolean {
    return this.keys.some(({ id }) => id === keyId);
  }

  /** @throws Error when there is no key */
  seal(value: string, binding: SecretBinding): SealedSecret {
    const [first] = this.keys;
    if (first === undefined) throw new Error('There is no key to encrypt with');
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', first.key, nonce, { authTagLength: tagBytes });
    cipher.setAAD(boundTo(binding));
    const ciphertext = Buffer.concat([cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return { ciphertext, nonce, keyId: first.id };
  }

  /** @throws SecretUnreadable */
  open({ ciphertext, nonce, keyId }: SealedSecret, binding: SecretBinding): string {
    const found = this.keys.find(({ id }) => id === keyId);
    if (found === undefined)
      throw new SecretUnreadable('unknown_key', `SECRETS_KEY lacks the key ${keyId}, with which it is encrypted`);
    try {
      const decipher = createDecipheriv('aes-256-gcm', found.key, nonce, { authTagLength: tagBytes });
      decipher.setAAD(boundTo(binding));
      decipher.setAuthTag(ciphertext.subarray(-tagBytes));
      return Buffer.concat([decipher.update(ciphertext.subarray(0, -tagBytes)), decipher.final()]).toString('utf8');
    } catch {
      // The error of OpenSSL says no more.
      throw new SecretUnreadable('altered', 'It is not as it was encrypted: its row was altered');
    }
  }
}
