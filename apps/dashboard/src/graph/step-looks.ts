import type { StepStatus } from '@pulser/contracts';

import type { IconName } from '../ui/icon.js';
import type { Tone } from '../ui/status-badge.js';

/** How each state of a step looks: a colour and an icon; its name is the word. */
export const stepLooks: Readonly<Record<StepStatus, { readonly tone: Tone; readonly icon: IconName }>> = {
  pending: { tone: 'idle', icon: 'queued' },
  running: { tone: 'info', icon: 'running' },
  completed: { tone: 'ok', icon: 'success' },
  failed: { tone: 'bad', icon: 'failed' },
  skipped: { tone: 'idle', icon: 'slash' },
  cancelled: { tone: 'idle', icon: 'slash' },
};
