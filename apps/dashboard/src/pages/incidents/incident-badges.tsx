// How severe an incident is and how it stands, by colour, icon and word.
import type { IncidentView, Severity } from '@pulser/contracts';

import { Badge } from '../../ui/status-badge.js';

const looks = {
  info: { tone: 'info', icon: 'info', text: 'Info' },
  warning: { tone: 'warn', icon: 'alert', text: 'Warning' },
  critical: { tone: 'bad', icon: 'failed', text: 'Critical' },
} as const satisfies Record<Severity, object>;

export const SeverityBadge = ({ severity }: { readonly severity: Severity }) => {
  const { tone, icon, text } = looks[severity];
  return (
    <Badge tone={tone} icon={icon}>
      {text}
    </Badge>
  );
};

const isSilenced = ({ silenced_until: until }: IncidentView): boolean =>
  until !== null && Date.parse(until) > Date.now();

export const StateBadge = ({ incident }: { readonly incident: IncidentView }) => {
  if (incident.state === 'resolved')
    return (
      <Badge tone="ok" icon="success">
        Resolved
      </Badge>
    );
  if (isSilenced(incident))
    return (
      <Badge tone="idle" icon="pause">
        Silenced
      </Badge>
    );
  return incident.acknowledged_at === null ? (
    <Badge tone="bad" icon="alert">
      Open
    </Badge>
  ) : (
    <Badge tone="wait" icon="user">
      Acknowledged
    </Badge>
  );
};
