// What can be chosen of a key, in words.
import type { KeyState, KeyView, RoleName } from '@pulser/contracts';

import type { IconName } from '../../ui/icon.js';
import type { Option } from '../../ui/fields.js';
import type { Tone } from '../../ui/status-badge.js';

/** Who may what; each role includes those before it. */
export const roleTexts: Readonly<Record<RoleName, string>> = {
  viewer: 'Sees tasks, results, events, dead letters and the state of the system',
  operator: 'Also submits and cancels tasks, pauses and resumes, settles dead letters',
  approver: 'Also decides approvals',
  admin: 'Also manages keys, secrets and settings of the tenant',
};

export const keyStates = {
  active: { tone: 'ok', icon: 'success', text: 'Active' },
  expired: { tone: 'idle', icon: 'clock', text: 'Expired' },
  revoked: { tone: 'idle', icon: 'slash', text: 'Revoked' },
} as const satisfies Record<KeyState, { tone: Tone; icon: IconName; text: string }>;

/** What a key may submit, in words: a viewer's nothing, whatever types it has. */
export const submitsText = (key: Pick<KeyView, 'role' | 'allowed_task_types'>, every: string): string =>
  key.role === 'viewer' ? 'nothing' : (key.allowed_task_types?.join(', ') ?? every);

const dayS = 86_400;

/** Seconds as the id of a choice. `never`: until it is revoked. */
export const lifeTimes: readonly Option[] = [
  { id: String(dayS), text: '1 day' },
  { id: String(7 * dayS), text: '7 days' },
  { id: String(30 * dayS), text: '30 days' },
  { id: String(90 * dayS), text: '90 days' },
  { id: String(365 * dayS), text: '1 year' },
  { id: 'never', text: 'Never, until it is revoked' },
];

/** Seconds that the old key is valid beside the new one. */
export const overlaps: readonly Option[] = [
  { id: '0', text: 'At once' },
  { id: '3600', text: 'In 1 hour' },
  { id: String(dayS), text: 'In 1 day' },
  { id: String(7 * dayS), text: 'In 7 days' },
  { id: String(30 * dayS), text: 'In 30 days' },
];
