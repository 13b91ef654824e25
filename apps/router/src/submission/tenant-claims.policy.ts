const namesTenant = /^(x-|pulser-)?tenant([-_]id)?$/i;

/** The tenants that headers claim to speak for, under any of the names in use for that: who sends one means it. */
export const tenantClaims = (headers: Readonly<Record<string, unknown>>): unknown[] =>
  Object.entries(headers).flatMap(([name, value]) => (namesTenant.test(name) ? [value] : []));
