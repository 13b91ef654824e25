// States of servers, what tools may do and how calls end, in words, colours and icons.
import type { McpServerState, ToolCallOutcome, ToolErrorCode, ToolFlag } from '@pulser/contracts';

import type { IconName } from '../ui/icon.js';
import type { Tone } from '../ui/status-badge.js';

export interface Look {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly text: string;
}

export const serverLooks: Readonly<Record<McpServerState, Look>> = {
  idle: { tone: 'idle', icon: 'queued', text: 'Idle' },
  starting: { tone: 'info', icon: 'running', text: 'Starting' },
  ready: { tone: 'ok', icon: 'success', text: 'Ready' },
  degraded: { tone: 'warn', icon: 'alert', text: 'Degraded' },
  'backing-off': { tone: 'bad', icon: 'replay', text: 'Backing off' },
  disabled: { tone: 'idle', icon: 'slash', text: 'Disabled' },
};

/** What a state of a server means for who calls its tools. */
export const serverTexts: Readonly<Record<McpServerState, string>> = {
  idle: 'It has not been started yet.',
  starting: 'It is being started: its tools are being listed.',
  ready: 'It answers. It is asked every 15 seconds whether it still does.',
  degraded: 'It has missed one ping. Calls still go to it; a second one in a row and it is started again.',
  'backing-off': 'It has failed and is started again by itself, after longer and longer pauses up to 30 seconds.',
  disabled: 'It is not started. Who runs Pulser changes that in the configuration file.',
};

export const flagLooks: Readonly<Record<ToolFlag, Look>> = {
  read: { tone: 'idle', icon: 'eye', text: 'Reads' },
  write: { tone: 'warn', icon: 'edit', text: 'Writes' },
  destructive: { tone: 'bad', icon: 'alert', text: 'Destructive' },
};

export const outcomeLooks: Readonly<Record<ToolCallOutcome, Look>> = {
  pending: { tone: 'info', icon: 'running', text: 'Running' },
  done: { tone: 'ok', icon: 'success', text: 'Done' },
  lost: { tone: 'bad', icon: 'help', text: 'Lost' },
  unknown_tool: { tone: 'warn', icon: 'search', text: 'No such tool' },
  not_allowed: { tone: 'warn', icon: 'slash', text: 'Not allowed' },
  invalid_args: { tone: 'warn', icon: 'edit', text: 'Wrong arguments' },
  server_unavailable: { tone: 'bad', icon: 'failed', text: 'Unavailable' },
  not_configured: { tone: 'warn', icon: 'settings', text: 'Not configured' },
  timeout: { tone: 'bad', icon: 'clock', text: 'Too late' },
  rate_limited: { tone: 'warn', icon: 'wait', text: 'Rate limited' },
  upstream_error: { tone: 'bad', icon: 'failed', text: 'Server error' },
  approval_required: { tone: 'wait', icon: 'approvals', text: 'To be approved' },
};

/** What to do after a call that has no result. */
export const adviceOf = (code: ToolErrorCode): string => {
  switch (code) {
    case 'unknown_tool':
      return 'There is none of that name in your view. Its server may not have listed it, or it waits for a review.';
    case 'not_allowed':
      return 'You may not call it. An administrator makes a key whose tools name it, or names it for your role.';
    case 'invalid_args':
      return 'Nothing was sent. Mend the arguments and call it again.';
    case 'server_unavailable':
      return 'Nothing was done. Its server does not answer now: the same call may succeed in a moment.';
    case 'not_configured':
      return 'Nothing was done. The server needs something of this tenant that is not set.';
    case 'timeout':
      return 'No answer came in time. Wait longer, or ask for less.';
    case 'rate_limited':
      return 'Nothing was done. Too many calls at once, or the vendor asks to wait.';
    case 'upstream_error':
      return 'The server has answered with an error of its own.';
    case 'approval_required':
      return 'Nothing was done yet. Persons approve this very call first; then you make it again here.';
  }
};

/** What became of a call that is in the log. */
export const outcomeText = (outcome: ToolCallOutcome): string => {
  if (outcome === 'pending') return 'It was sent, and is not answered yet.';
  if (outcome === 'done') return 'The tool has answered.';
  if (outcome === 'lost') return 'It was sent, and nobody knows what became of it: the server may have done it.';
  return adviceOf(outcome);
};

/** The name without that of its server: `repo_get`. */
export const shortName = (name: string): string => name.replace(/^.*?__/, '');
