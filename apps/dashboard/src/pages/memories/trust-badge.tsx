import type { MemoryTrust } from '@pulser/contracts';

import type { IconName } from '../../ui/icon.js';
import { Badge, type Tone } from '../../ui/status-badge.js';

export const trustTexts: Readonly<Record<MemoryTrust, string>> = {
  stated: 'Stated',
  observed: 'Observed',
  derived: 'Derived',
};

/** What each says of where a memory comes from. */
export const trustHints: Readonly<Record<MemoryTrust, string>> = {
  stated: 'by a person',
  observed: 'in data or results',
  derived: 'from other things, by a program',
};

const looks: Readonly<Record<MemoryTrust, { readonly tone: Tone; readonly icon: IconName }>> = {
  stated: { tone: 'ok', icon: 'user' },
  observed: { tone: 'info', icon: 'search' },
  derived: { tone: 'wait', icon: 'workflows' },
};

/** How a memory came to be known. */
export const TrustBadge = ({ trust }: { readonly trust: MemoryTrust }) => (
  <Badge tone={looks[trust].tone} icon={looks[trust].icon}>
    {trustTexts[trust]}
  </Badge>
);
