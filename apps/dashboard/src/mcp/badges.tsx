// Badges of servers, tools and calls.
import type { McpServerState, ToolCallOutcome, ToolFlag } from '@pulser/contracts';

import { Badge } from '../ui/status-badge.js';
import { flagLooks, type Look, outcomeLooks, serverLooks } from './tool-words.policy.js';

/** What this build does not know is shown by its name. */
const LookBadge = ({ looks, word }: { readonly looks: Readonly<Record<string, Look>>; readonly word: string }) => {
  const { tone, icon, text } = looks[word] ?? { tone: 'idle', icon: 'info', text: word };
  return (
    <Badge tone={tone} icon={icon}>
      {text}
    </Badge>
  );
};

export const ServerBadge = ({ state }: { readonly state: McpServerState }) => (
  <LookBadge looks={serverLooks} word={state} />
);

export const FlagBadge = ({ flag }: { readonly flag: ToolFlag }) => <LookBadge looks={flagLooks} word={flag} />;

export const OutcomeBadge = ({ outcome }: { readonly outcome: ToolCallOutcome }) => (
  <LookBadge looks={outcomeLooks} word={outcome} />
);
