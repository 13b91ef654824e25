import './state.css';

import type { ReactNode } from 'react';

import { isApiError } from '../api/problem.js';
import { Button } from './button.js';
import { CopyButton } from './code-block.js';
import { Icon, type IconName } from './icon.js';

const wordsOf = (error: unknown): { title: string; detail: string; traceId: string | undefined } => {
  if (isApiError(error)) return { title: error.message, detail: error.detail, traceId: error.facts.traceId };
  const detail = error instanceof Error ? error.message : String(error);
  return { title: 'Something failed on this page', detail, traceId: undefined };
};

interface ErrorStateProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

/** Where something could not be loaded: what happened, and what to do. */
export const ErrorState = ({ error, onRetry }: ErrorStateProps) => {
  const { title, detail, traceId } = wordsOf(error);
  return (
    <div className="state" role="alert">
      <span className="state-mark state-mark-bad">
        <Icon name="alert" size={20} />
      </span>
      <h2>{title}</h2>
      {detail !== title && <p className="state-text">{detail}</p>}
      <div className="state-actions">
        {onRetry !== undefined && (
          <Button icon="refresh" onPress={onRetry}>
            Try again
          </Button>
        )}
        {traceId !== undefined && <CopyButton text={traceId}>Copy trace id</CopyButton>}
      </div>
    </div>
  );
};

/** An error in a form or a dialog, with what is wrong where. */
export const ErrorNote = ({ error }: { readonly error: unknown }) => {
  const { title, detail } = wordsOf(error);
  const fields = isApiError(error) ? error.errors : [];
  return (
    <div className="note note-bad" role="alert">
      <Icon name="alert" />
      <div>
        <strong>{title}</strong>
        {detail !== title && <p>{detail}</p>}
        {fields.length > 0 && (
          <ul>
            {fields.map(({ pointer, detail: text }) => (
              <li key={`${pointer}${text}`}>
                <code>{pointer}</code> {text}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
};

interface NoteProps {
  readonly kind?: 'info' | 'warn' | 'bad' | 'ok';
  readonly icon?: IconName;
  readonly children: ReactNode;
}

/** A remark in a page or form. */
export const Note = ({ kind = 'info', icon = 'info', children }: NoteProps) => (
  <div className={`note note-${kind}`} role="note">
    <Icon name={icon} />
    <div>{children}</div>
  </div>
);
