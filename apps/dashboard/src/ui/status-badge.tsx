import './badge.css';

import type { TaskStatus } from '@pulser/contracts';
import type { ReactNode } from 'react';

import { Icon, type IconName } from './icon.js';

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'wait' | 'idle';

interface Look {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly text: string;
}

/** How each state of a task looks: a colour, an icon and a word, so that none of them has to be seen. */
export const statusLooks: Readonly<Record<TaskStatus, Look>> = {
  queued: { tone: 'idle', icon: 'queued', text: 'Queued' },
  scheduled: { tone: 'idle', icon: 'clock', text: 'Scheduled' },
  running: { tone: 'info', icon: 'running', text: 'Running' },
  waiting: { tone: 'wait', icon: 'wait', text: 'Waiting' },
  retrying: { tone: 'warn', icon: 'replay', text: 'Retrying' },
  completed: { tone: 'ok', icon: 'success', text: 'Completed' },
  failed: { tone: 'bad', icon: 'failed', text: 'Failed' },
  cancelled: { tone: 'idle', icon: 'slash', text: 'Cancelled' },
};

interface BadgeProps {
  readonly tone: Tone;
  readonly icon?: IconName;
  readonly children: ReactNode;
}

/** A word with a colour; the icon says the same without it. */
export const Badge = ({ tone, icon, children }: BadgeProps) => (
  <span className={`badge badge-${tone}`}>
    {icon !== undefined && <Icon name={icon} size={13} />}
    {children}
  </span>
);

/** The state of a task. One that this build does not know is shown by its name. */
export const StatusBadge = ({ status }: { readonly status: TaskStatus }) => {
  const look = (statusLooks as Readonly<Record<string, Look>>)[status] ?? { tone: 'idle', icon: 'info', text: status };
  return (
    <Badge tone={look.tone} icon={look.icon}>
      {look.text}
    </Badge>
  );
};
