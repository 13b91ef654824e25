// Secrets of a tenant: values that tasks use by name. What is written comes out nowhere.
import { z } from 'zod';

import { plainText } from '../json.js';
import { AllowedHost, allowedHostOf } from './settings.js';

const nameText = 'A small letter, then small letters, digits and hyphens, 63 at most';

export const SecretName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, nameText)
  .meta({ description: nameText, examples: ['billing-api'] });
export type SecretName = z.infer<typeof SecretName>;

/** Where tasks may send a secret. Unlike a host that tests may ask, it is https unless it says otherwise. */
export const SecretHost = AllowedHost.omit({ load_test: true })
  .extend({ schemes: AllowedHost.shape.schemes.meta({ description: 'Without: https alone' }) })
  .meta({ id: 'SecretHost' });
export type SecretHost = z.infer<typeof SecretHost>;

export const SecretHosts = z.array(SecretHost).max(50);

/** Whether tasks may send a secret to a URL. */
export const mayBeSentTo = (url: URL, hosts: readonly SecretHost[]): boolean =>
  allowedHostOf(
    url,
    hosts.map((host) => ({ ...host, schemes: host.schemes ?? ['https'] })),
  ) !== undefined;

const maxBytes = 8_192;
/** A shorter one could not be told from ordinary text, where it is looked for in results. */
const minCharacters = 8;

const valueText = `${minCharacters} characters to ${maxBytes} bytes, as UTF-8`;

export const SecretOrder = z
  .strictObject({
    value: plainText(maxBytes)
      .min(minCharacters, valueText)
      .refine((value) => new TextEncoder().encode(value).length <= maxBytes, valueText)
      .meta({ description: `${valueText}. Never shown`, examples: ['Bearer s3cr3t-t0k3n'] }),
    hosts: SecretHosts.default([]).meta({
      description: 'Where tasks may send it; without, only services of Pulser use it',
    }),
  })
  .meta({ id: 'SecretOrder' });
export type SecretOrder = z.infer<typeof SecretOrder>;

export const Secret = z
  .object({
    name: z.string(),
    version: z.int().meta({ description: 'Counts the changes since the secret was made' }),
    key_id: z.string().meta({ description: 'Which key of SECRETS_KEY it is encrypted with' }),
    hosts: SecretHosts,
    updated_at: z.iso.datetime(),
    updated_by: z.string().meta({ description: 'Name of the key or person' }),
  })
  .meta({ id: 'Secret' });
export type Secret = z.infer<typeof Secret>;

export const SecretList = z.object({ secrets: z.array(Secret) }).meta({ id: 'SecretList' });
export type SecretList = z.infer<typeof SecretList>;

const goAlong = new Set(['accept', 'accept-encoding', 'accept-language', 'content-type', 'range', 'user-agent']);

/** Not the headers that a redirect takes along to another host. */
const takesSecret = (header: string): boolean => !goAlong.has(header.toLowerCase());

/** In a payload, instead of a text: the value of a secret, which the worker puts in. */
export const SecretReference = z.strictObject({
  secret: SecretName,
  prefix: z.string().max(100).optional().meta({ description: 'Stands before the value, such as `Bearer `' }),
});
export type SecretReference = z.infer<typeof SecretReference>;

const secretPlaces = (headers: Readonly<Record<string, string | SecretReference>>): boolean =>
  Object.entries(headers).every(([name, value]) => typeof value === 'string' || takesSecret(name));

/** Headers of requests in a payload: texts, and secrets by name. @param most how many */
export const requestHeaders = (most: number) =>
  z
    .record(
      z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, 'The name of a header'),
      z.union([z.string().max(8_000), SecretReference]),
    )
    .refine((all) => Object.keys(all).length <= most, `At most ${most}`)
    .refine(secretPlaces, 'A redirect takes this header along: no secret can be its value');
export type RequestHeaders = z.infer<ReturnType<typeof requestHeaders>>;
