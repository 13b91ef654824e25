import { generateKeyPairSync, type KeyObject, type KeyPairKeyObjectResult, randomUUID, sign } from 'node:crypto';

import type { Json } from './forged-token.js';

const pairs = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
} as const satisfies Record<string, () => KeyPairKeyObjectResult>;

/** A key pair as a provider has them. */
export class SigningKey {
  readonly kid = randomUUID();
  readonly publicKey: KeyObject;
  private readonly privateKey: KeyObject;

  constructor(readonly alg: keyof typeof pairs = 'RS256') {
    ({ publicKey: this.publicKey, privateKey: this.privateKey } = pairs[alg]());
  }

  get jwk(): Json {
    return { ...this.publicKey.export({ format: 'jwk' }), kid: this.kid, alg: this.alg, use: 'sig' };
  }

  readonly signature = (input: string): Buffer => {
    const key = { key: this.privateKey, dsaEncoding: 'ieee-p1363' } as const;
    return sign(this.alg === 'EdDSA' ? null : 'sha256', Buffer.from(input), key);
  };
}
