import type { McpPin } from '@pulser/contracts';

import { Badge } from '../../ui/status-badge.js';

const looks = {
  approved: { tone: 'ok', icon: 'success', text: 'Approved' },
  quarantined: { tone: 'warn', icon: 'alert', text: 'To review' },
  withdrawn: { tone: 'idle', icon: 'slash', text: 'Withdrawn' },
} as const satisfies Record<McpPin['status'], object>;

export const PinBadge = ({ status }: { readonly status: McpPin['status'] }) => {
  const { tone, icon, text } = looks[status];
  return (
    <Badge tone={tone} icon={icon}>
      {text}
    </Badge>
  );
};
