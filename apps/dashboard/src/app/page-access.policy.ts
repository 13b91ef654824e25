// For whom a page is: what the navigation offers, and what is said to whom it is not for. The API decides.
import type { CallerView, RoleName } from '@pulser/contracts';

import { may } from '../session/rank.policy.js';

export interface Audience {
  /** Who is led to it; everybody unless said otherwise. */
  readonly least?: RoleName;
  /** Who may look at it nevertheless, where that is a lesser role. */
  readonly reader?: RoleName;
  /** Whose it is: of callers with a tenant (the default), of keys of the installation, or of both. */
  readonly scope?: 'tenant' | 'installation' | 'both';
}

type Caller = Pick<CallerView, 'role' | 'tenant'>;

/** Why a page has nothing for a caller: it is about tenants or about the installation, or takes a higher role. */
export type PageRefusal =
  | { readonly why: 'tenant' }
  | { readonly why: 'installation' }
  | { readonly why: 'role'; readonly needed: RoleName; readonly role: RoleName };

export const pageRefusal = (
  { least = 'viewer', reader = least, scope = 'tenant' }: Audience,
  { role, tenant }: Caller,
): PageRefusal | undefined => {
  const own = tenant === null ? 'installation' : 'tenant';
  if (scope !== 'both' && scope !== own) return { why: scope };
  return may({ role }, reader) ? undefined : { why: 'role', needed: reader, role };
};

/** Whether the navigation and the palette lead there. */
export const isOffered = (audience: Audience, caller: Caller): boolean =>
  pageRefusal({ ...audience, reader: audience.least ?? 'viewer' }, caller) === undefined;
