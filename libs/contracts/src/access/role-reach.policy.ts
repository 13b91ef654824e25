import { type RoleName, roles } from './role.js';

/** Whether a role may what at least the other one may. */
export const reaches = (role: RoleName, least: RoleName): boolean => roles[role].rank >= roles[least].rank;
