import type { FireView, ScheduleView } from '@pulser/contracts';

import { RelativeTime } from '../../ui/relative-time.js';
import { Badge } from '../../ui/status-badge.js';
import { pauseText } from './schedule-text.policy.js';

const looks = {
  pending: { tone: 'wait', icon: 'wait', text: 'Waits' },
  started: { tone: 'info', icon: 'running', text: 'Started' },
  completed: { tone: 'ok', icon: 'success', text: 'Completed' },
  failed: { tone: 'bad', icon: 'failed', text: 'Failed' },
  cancelled: { tone: 'idle', icon: 'slash', text: 'Cancelled' },
  skipped: { tone: 'warn', icon: 'minus', text: 'Skipped' },
} as const satisfies Record<FireView['state'], object>;

/** What became of a time. */
export const FireState = ({ state }: { readonly state: FireView['state'] }) => {
  const { tone, icon, text } = looks[state];
  return (
    <Badge tone={tone} icon={icon}>
      {text}
    </Badge>
  );
};

/** When it fires next, or why it does not. */
export const ScheduleState = ({ schedule: { paused, next_at: next } }: { readonly schedule: ScheduleView }) => {
  if (paused !== null) {
    return (
      <span title={pauseText(paused)}>
        <Badge tone={paused.kind === 'user' ? 'idle' : 'bad'} icon="pause">
          {paused.kind === 'user' ? 'Paused' : `Paused: ${paused.kind}`}
        </Badge>
      </span>
    );
  }
  return next === null ? <span className="muted">no time left</span> : <RelativeTime at={next} isQuiet />;
};
