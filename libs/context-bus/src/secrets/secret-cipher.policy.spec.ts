import { randomBytes } from 'node:crypto';

import { z } from 'zod';

import { newSecretsKey, SecretCipher, secretsEnv, SecretUnreadable } from './secret-cipher.js';

const [old, current] = [randomBytes(32), randomBytes(32)];
const binding = { tenantId: 'a', name: 'billing', version: 3, hosts: [{ host: 'api.example.com', ports: [443] }] };

const reason = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof SecretUnreadable) return error.reason;
    throw error;
  }
};

describe('the cipher of secrets', () => {
  const cipher = new SecretCipher([current, old]);

  it('gives back what it was given, and shows none of it', () => {
    const sealed = cipher.seal('s3cr3t-välue', binding);
    expect(cipher.open(sealed, binding)).toBe('s3cr3t-välue');
    expect(sealed.ciphertext.includes('s3cr3t')).toBe(false);
    expect(sealed.nonce).toHaveLength(12);
  });

  it('makes another ciphertext and nonce of the same value', () => {
    const [one, other] = [cipher.seal('the same', binding), cipher.seal('the same', binding)];
    expect(one.nonce.equals(other.nonce)).toBe(false);
    expect(one.ciphertext.equals(other.ciphertext)).toBe(false);
  });

  it.each([
    ['another tenant', { tenantId: 'b' }],
    ['another name', { name: 'other' }],
    ['another version', { version: 4 }],
    ['another host', { hosts: [{ host: 'evil.example.com', ports: [443] }] }],
    ['more hosts', { hosts: [...binding.hosts, { host: 'evil.example.com' }] }],
  ])('opens it for %s never', (_, change) => {
    const sealed = cipher.seal('s3cr3t', binding);
    expect(reason(() => cipher.open(sealed, { ...binding, ...change }))).toBe('altered');
  });

  it('opens it whatever order the database gives the members of hosts in', () => {
    const sealed = cipher.seal('s3cr3t', binding);
    expect(cipher.open(sealed, { ...binding, hosts: [{ ports: [443], host: 'api.example.com' }] })).toBe('s3cr3t');
  });

  it('opens no ciphertext that was altered, cut or emptied', () => {
    const sealed = cipher.seal('s3cr3t', binding);
    for (let at = 0; at < sealed.ciphertext.length; at += 1) {
      const ciphertext = Buffer.from(sealed.ciphertext);
      ciphertext.writeUInt8(ciphertext.readUInt8(at) ^ 1, at);
      expect(reason(() => cipher.open({ ...sealed, ciphertext }, binding))).toBe('altered');
      expect(reason(() => cipher.open({ ...sealed, ciphertext: sealed.ciphertext.subarray(0, at) }, binding))).toBe(
        'altered',
      );
    }
  });

  it('encrypts with the first key, opens with both, and names the one that it lacks', () => {
    const before = new SecretCipher([old]).seal('s3cr3t', binding);
    expect(cipher.open(before, binding)).toBe('s3cr3t');
    expect(cipher.seal('s3cr3t', binding).keyId).toBe(new SecretCipher([current]).keyId);
    expect(reason(() => new SecretCipher([current]).open(before, binding))).toBe('unknown_key');
    expect(() => new SecretCipher([current]).open(before, binding)).toThrow(before.keyId);
  });

  // The steps of deploy/security.md; while a fleet goes from one to the next, both are there.
  const readsWhatOtherWrites = (one: readonly Buffer[], other: readonly Buffer[]): boolean =>
    reason(() => new SecretCipher(one).open(new SecretCipher(other).seal('s3cr3t', binding), binding)) === undefined;

  it('is replaced in steps of which each reads what the one before and the one after write', () => {
    const steps = [[old], [old, current], [current, old], [current]];
    for (const [n, step] of steps.slice(1).entries()) {
      const before = steps[n] ?? [];
      expect(readsWhatOtherWrites(step, before)).toBe(true);
      expect(readsWhatOtherWrites(before, step)).toBe(true);
    }
    expect(readsWhatOtherWrites([old], [current, old])).toBe(false);
  });

  it('encrypts nothing without a key', () => {
    expect(new SecretCipher().keyId).toBeUndefined();
    expect(() => new SecretCipher().seal('s3cr3t', binding)).toThrow('no key');
  });
});

describe('SECRETS_KEY', () => {
  const read = (text: string) => z.object(secretsEnv).safeParse({ SECRETS_KEY: text }).success;

  it('is one key or two of 32 bytes, in base64', () => {
    expect(read(newSecretsKey())).toBe(true);
    expect(read(`${newSecretsKey()}, ${newSecretsKey()}`)).toBe(true);
    expect(z.object(secretsEnv).parse({}).SECRETS_KEY).toBeUndefined();
  });

  it.each([
    ['', 'nothing'],
    ['a password', 'no base64'],
    [randomBytes(16).toString('base64'), 'too short'],
    [randomBytes(33).toString('base64'), 'too long'],
    [randomBytes(32).toString('hex'), 'hexadecimal'],
    [`${newSecretsKey()},`, 'an empty second one'],
    [`${newSecretsKey()},${newSecretsKey()},${newSecretsKey()}`, 'three'],
  ])('is not %j (%s)', (text) => {
    expect(read(text)).toBe(false);
  });
});
