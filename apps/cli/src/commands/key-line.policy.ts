import type { TenantKey } from '@pulser/context-bus';

const day = (moment: Date | null, otherwise: string): string => moment?.toISOString().slice(0, 16) ?? otherwise;

/** A key on one line. */
export const keyLine = ({ keyId, prefix, name, role, ...key }: TenantKey): string =>
  [
    keyId,
    `${prefix}...`,
    name,
    role,
    key.allowedTaskTypes?.join(',') ?? 'every type',
    key.state,
    `expires ${day(key.expiresAt, 'never')}`,
    `used ${day(key.lastUsedAt, 'never')}`,
  ].join('  ');
