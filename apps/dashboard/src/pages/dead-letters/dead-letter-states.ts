// The states of dead letters, in words and looks.
import type { DeadLetterState } from '@pulser/contracts';

import type { IconName } from '../../ui/icon.js';
import type { Tone } from '../../ui/status-badge.js';

export const stateTexts = { open: 'Open', replayed: 'Replayed', discarded: 'Discarded', all: 'All' } as const;

export const stateLooks = {
  open: { tone: 'bad', icon: 'deadLetters' },
  replayed: { tone: 'ok', icon: 'replay' },
  discarded: { tone: 'idle', icon: 'trash' },
} as const satisfies Record<DeadLetterState, { readonly tone: Tone; readonly icon: IconName }>;
