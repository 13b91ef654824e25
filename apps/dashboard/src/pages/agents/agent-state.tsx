import type { AgentState, AgentStatus } from '@pulser/contracts';

import { Badge } from '../../ui/status-badge.js';

export type ShownState = AgentState | AgentStatus | 'paused' | 'leaving';

/** A pause says more than a heartbeat: the agent is up, and starts nothing. A silent one would start nothing either way. */
export const shownState = (state: AgentState, isPaused: boolean): ShownState =>
  isPaused && state === 'up' ? 'paused' : state;

const looks = {
  up: { tone: 'ok', icon: 'success', text: 'Up' },
  silent: { tone: 'bad', icon: 'alert', text: 'Silent' },
  healthy: { tone: 'ok', icon: 'success', text: 'Healthy' },
  degraded: { tone: 'warn', icon: 'alert', text: 'Degraded' },
  unhealthy: { tone: 'bad', icon: 'alert', text: 'Unhealthy' },
  leaving: { tone: 'warn', icon: 'pause', text: 'Leaving' },
  paused: { tone: 'warn', icon: 'pause', text: 'Paused' },
} as const;

/** The light of an agent: a colour, a sign and a word. */
export const AgentLight = ({ state }: { readonly state: ShownState }) => {
  const { tone, icon, text } = looks[state];
  return (
    <Badge tone={tone} icon={icon}>
      {text}
    </Badge>
  );
};
