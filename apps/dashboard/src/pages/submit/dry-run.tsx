import type { CheckedTask } from '@pulser/contracts';
import { useEffect, useRef } from 'react';

import { AgentName } from '../../ui/agent.js';
import { type Fact, Facts, Panel } from '../../ui/page.js';
import { count, counted } from '../../ui/numbers.policy.js';
import { IconButton } from '../../ui/button.js';
import { RelativeTime } from '../../ui/relative-time.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { duration } from '../../ui/time.policy.js';

interface DryRunProps {
  readonly checked: CheckedTask;
  readonly onClose: () => void;
}

const waitOf = ({ recent_wait: wait }: CheckedTask): string =>
  wait === null
    ? 'Not known: no task of this type has completed in the last 15 minutes'
    : `${duration(wait.p50_ms)} for half of them, ${duration(wait.p95_ms)} for 95% (the last ${counted(wait.tasks, 'task')})`;

const factsOf = (checked: CheckedTask): readonly Fact[] => {
  const { agent, status, ahead, quotas, max_attempts: attempts, run_at: runAt, deadline_at: deadline } = checked;
  return [
    { name: 'Agent', value: <AgentName agent={agent} /> },
    { name: 'It would be', value: <StatusBadge status={status} /> },
    { name: 'Ahead of it', value: <span className="num">{ahead === 0 ? 'Nothing' : counted(ahead, 'task')}</span> },
    { name: 'Expected wait', value: waitOf(checked) },
    ...(runAt === null ? [] : [{ name: 'Start not before', value: <RelativeTime at={runAt} /> }]),
    ...(deadline === null ? [] : [{ name: 'Deadline', value: <RelativeTime at={deadline} /> }]),
    { name: 'Attempts', value: <span className="num">{`At most ${count(attempts)}`}</span> },
    { name: 'Waiting now', value: <Use {...quotas.waiting} /> },
    { name: 'Submitted today', value: <Use {...quotas.today} /> },
  ];
};

const Use = ({ used, quota }: { readonly used: number; readonly quota: number }) => (
  <span className="num">
    {count(used)} of {count(quota)}
  </span>
);

/** What would become of the task at this moment. Nothing is submitted. */
export const DryRun = ({ checked, onClose }: DryRunProps) => {
  const result = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The form may be longer than the window: whoever asked sees the answer, wherever the button was pressed.
    result.current?.focus({ preventScroll: true });
    result.current?.scrollIntoView({ block: 'nearest' });
  }, [checked]);
  return (
    <div role="status" ref={result} tabIndex={-1} className="submit-checked">
      <Panel title="Dry run" aside={<IconButton icon="close" size="s" label="Close the dry run" onPress={onClose} />}>
        <Facts facts={factsOf(checked)} />
      </Panel>
    </div>
  );
};
