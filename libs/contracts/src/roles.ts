import { z } from 'zod';

export const roleNames = ['viewer', 'operator', 'approver', 'admin'] as const;

export const RoleName = z
  .enum(roleNames)
  .meta({ description: 'What a caller may do; each role includes those before it' });
export type RoleName = z.infer<typeof RoleName>;

/** Who may do what. A role may all that roles of lower rank may. */
export const roles = {
  viewer: { rank: 1, may: 'read tasks, results, events, dead letters and the state of the system' },
  operator: { rank: 2, may: 'submit and cancel tasks, pause and resume, replay and discard dead letters' },
  approver: { rank: 3, may: 'decide approvals' },
  admin: { rank: 4, may: 'manage the keys and the settings of the tenant' },
} as const satisfies Record<RoleName, { rank: number; may: string }>;

/** Whether a role may what at least the other one may. */
export const reaches = (role: RoleName, least: RoleName): boolean => roles[role].rank >= roles[least].rank;

/** The roles of keys of the installation. What they may is about what all tenants share, never about a tenant's data. */
export const InstallationRole = RoleName.extract(['viewer', 'operator', 'admin']);
export type InstallationRole = z.infer<typeof InstallationRole>;
