import type { Priority } from '@pulser/contracts';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Disclosure, DisclosurePanel } from 'react-aria-components/Disclosure';
import { Heading } from 'react-aria-components/Heading';

import { priorities } from '../../api/task-states.js';
import { Icon } from '../../ui/icon.js';
import { Select, TextField } from '../../ui/fields.js';
import type { PayloadProblem } from './pointer.policy.js';
import { hasOptions, optionProblem, type Options } from './submission.policy.js';

interface TaskOptionsProps {
  readonly options: Options;
  readonly problems: readonly PayloadProblem[];
  readonly onChange: (options: Options) => void;
  /** How often the agent tries tasks of this type: not chosen for one task. */
  readonly maxAttempts: number;
  readonly isDisabled: boolean;
}

const priorityTexts: Readonly<Record<Priority, string>> = {
  high: 'High: before the others',
  medium: 'Medium',
  low: 'Low: when nothing else waits',
};

/** When and how the task is to run; folded until it is wanted or something is wrong in it. */
export const TaskOptions = ({ options, problems, onChange, maxAttempts, isDisabled }: TaskOptionsProps) => {
  const [opened, setOpened] = useState<boolean>();
  const isOpen = opened ?? (problems.length > 0 || hasOptions(options));
  const set = (change: Partial<Options>): void => {
    onChange({ ...options, ...change });
  };
  const errorOf = (name: string): string | undefined => optionProblem(problems, name);
  return (
    <Disclosure className="options panel" isExpanded={isOpen || problems.length > 0} onExpandedChange={setOpened}>
      <Heading level={2} className="options-head">
        <AriaButton slot="trigger" className="options-trigger">
          <Icon name="chevron" size={12} className="options-mark" />
          When and how it runs
          <span className="muted options-summary">priority, start, deadline, metadata</span>
        </AriaButton>
      </Heading>
      <DisclosurePanel className="options-body">
        <div className="options-fields">
          <Select<Priority>
            label="Priority"
            value={options.priority}
            onChange={(priority) => {
              set({ priority });
            }}
            options={priorities.map((id) => ({ id, text: priorityTexts[id] }))}
            error={errorOf('priority')}
            isDisabled={isDisabled}
          />
          <TextField
            label="Start not before"
            type="datetime-local"
            value={options.runAt}
            onChange={(runAt) => {
              set({ runAt });
            }}
            hint="In the time of this machine. Empty: as soon as an agent is free."
            error={errorOf('run_at')}
            isDisabled={isDisabled}
          />
          <TextField
            label="Deadline"
            placeholder="15m"
            value={options.deadline}
            onChange={(deadline) => {
              set({ deadline });
            }}
            hint="So long after it may start it must have ended, else it fails: 90s, 15m, 2h, 1d. Empty: none."
            error={errorOf('deadline_s')}
            isDisabled={isDisabled}
          />
          <TextField
            label="Idempotency key"
            value={options.idempotencyKey}
            onChange={(idempotencyKey) => {
              set({ idempotencyKey });
            }}
            hint="A second submission with the same key is the same task. Empty: one is made for each task."
            error={errorOf('idempotency_key')}
            isDisabled={isDisabled}
          />
          <TextField
            label="Metadata"
            placeholder={'{ "customer": "acme" }'}
            rows={3}
            isCode
            value={options.metadata}
            onChange={(metadata) => {
              set({ metadata });
            }}
            hint="A JSON object that is kept with the task. Members that the setting task-labels names become labels to search by."
            error={errorOf('metadata')}
            isDisabled={isDisabled}
          />
        </div>
        <p className="muted">
          {maxAttempts === 1
            ? 'The agent tries tasks of this type once.'
            : `The agent tries tasks of this type up to ${String(maxAttempts)} times.`}
        </p>
      </DisclosurePanel>
    </Disclosure>
  );
};
