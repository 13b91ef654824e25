import './state.css';

import type { ReactNode } from 'react';

import { CodeBlock } from './code-block.js';
import { Icon, type IconName } from './icon.js';

interface EmptyStateProps {
  readonly icon: IconName;
  /** What is missing: "No tasks yet". */
  readonly title: string;
  /** Why it is empty, and what fills it. */
  readonly children?: ReactNode;
  /** A command that works as it is, to be copied. */
  readonly command?: string;
  /** Said before the command, where the text is about something else. */
  readonly commandLabel?: ReactNode;
  readonly actions?: ReactNode;
}

/** Where a list has nothing: why, and the command that changes it. */
export const EmptyState = ({ icon, title, children, command, commandLabel, actions }: EmptyStateProps) => (
  <div className="state">
    <span className="state-mark">
      <Icon name={icon} size={20} />
    </span>
    <h2>{title}</h2>
    {children !== undefined && <p className="state-text">{children}</p>}
    {actions !== undefined && actions !== false && <div className="state-actions">{actions}</div>}
    {commandLabel !== undefined && <p className="state-text">{commandLabel}</p>}
    {command !== undefined && <CodeBlock code={command} label="Command" />}
  </div>
);
