import { z } from 'zod';

import { plainText } from '../json.js';
import { RoleName } from '../roles.js';
import { maxPage } from './tasks.js';

/** How a session was made: by a key, by a one-time code of this machine, or by a login at the identity provider. */
export const SessionOrigin = z.enum(['key', 'code', 'oidc']);
export type SessionOrigin = z.infer<typeof SessionOrigin>;

/** A browser's login, as it is shown: never its secret. */
export const SessionView = z
  .object({
    session_id: z.uuid(),
    name: z.string().meta({ description: 'Name of the key, or the `sub` by which the provider knows the person' }),
    display_name: z.string().nullable().meta({ description: 'Of a person, as the provider says it' }),
    key_id: z.uuid().nullable().meta({ description: 'The key that it acts for; null for a person' }),
    role: RoleName,
    made_by: SessionOrigin.meta({ description: 'A key, a one-time code, or a login at the identity provider' }),
    created_at: z.iso.datetime(),
    last_used_at: z.iso.datetime().meta({ description: 'To the minute' }),
    idle_ends_at: z.iso.datetime().meta({ description: 'It ends then, unless it is used before' }),
    ends_at: z.iso.datetime().meta({ description: 'It ends then, however it is used' }),
    user_agent: z.string().nullable().meta({ description: 'Of the browser at the login, shortened' }),
    network: z
      .string()
      .nullable()
      .meta({
        description: 'Where the browser was at the login: the first bits of its address',
        examples: ['192.0.2.0/24'],
      }),
    current: z.boolean().meta({ description: 'Whether this request came with it' }),
  })
  .meta({ id: 'Session' });
export type SessionView = z.infer<typeof SessionView>;

export const SessionPage = z
  .object({ sessions: z.array(SessionView), next_cursor: z.string().nullable() })
  .meta({ id: 'SessionPage' });
export type SessionPage = z.infer<typeof SessionPage>;

export const SessionQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(maxPage).default(50),
  cursor: plainText(100).optional().meta({ description: 'The `next_cursor` of the page before' }),
});
export type SessionQuery = z.infer<typeof SessionQuery>;

const Secret = z.string().min(1).max(200);

const ByKey = z.strictObject({ key: Secret.meta({ description: 'An API key of a tenant, or of the installation' }) });

const ByCode = z.strictObject({
  code: Secret.meta({
    description: 'Of a link that `npm start` or `npm run pulser -- link` has printed on the same machine',
  }),
});

/** What a browser shows once to be logged in. */
export const CreateSession = z.union([ByKey, ByCode]).meta({ id: 'CreateSession' });
export type CreateSession = z.infer<typeof CreateSession>;

/** Why a login at the identity provider made no session, as the page's login is told in its query: `?failed=denied`. */
export const LoginFailure = z.enum([
  'denied',
  'refused',
  'invalid',
  'expired',
  'no_rights',
  'unavailable',
  'too_many',
  'insecure',
]);
export type LoginFailure = z.infer<typeof LoginFailure>;

/**
 * Why a session is not let in any more: it was ended, its key was revoked or has expired, it has lasted as long as one may, or
 * it was not used for too long. Told to whoever has its secret.
 */
export const SessionEnd = z.enum(['revoked', 'key_revoked', 'key_expired', 'over', 'idle']);
export type SessionEnd = z.infer<typeof SessionEnd>;

/** Which ways of logging in there are, for the browser that asks. */
export const LoginWays = z
  .object({
    possible: z.boolean().meta({ description: 'Whether the browser could keep a login, over the connection it has' }),
    reason: z.string().nullable().meta({ description: 'Why not, and what to do; null when it is possible' }),
    logged_in: z.boolean().meta({ description: 'Whether the browser has a session that is open' }),
    ways: z.array(SessionOrigin).meta({ description: 'None when it is not possible' }),
    oidc_start: z
      .string()
      .nullable()
      .meta({ description: 'Where a login at the identity provider begins: go there with `return_to=/ui/...`' }),
  })
  .meta({ id: 'LoginWays' });
export type LoginWays = z.infer<typeof LoginWays>;
