import './toast.css';

import { useEffect, useSyncExternalStore } from 'react';

import { Button, IconButton } from './button.js';
import { Icon } from './icon.js';

interface ToastOf {
  readonly id: number;
  readonly kind: 'ok' | 'bad';
  readonly text: string;
  /** The inverse, where the server has one. */
  readonly undo?: () => void;
}

let toasts: readonly ToastOf[] = [];
let nextId = 0;
const listeners = new Set<() => void>();

const set = (next: readonly ToastOf[]): void => {
  toasts = next;
  for (const listener of listeners) listener();
};

const dismiss = (id: number): void => {
  set(toasts.filter((one) => one.id !== id));
};

const maxShown = 4;

const show = (toast: Omit<ToastOf, 'id'>): void => {
  nextId += 1;
  set([...toasts, { ...toast, id: nextId }].slice(-maxShown));
};

/** Says that something was done, with what undoes it where the server has an inverse: `toast.done('dash is paused', resume)`. */
export const toast = {
  done: (text: string, undo?: () => void): void => {
    show({ kind: 'ok', text, ...(undo !== undefined && { undo }) });
  },
  /** What failed without a place of its own to say so. */
  failed: (text: string, error?: unknown): void => {
    const why =
      error instanceof Error && 'detail' in error ? String(error.detail) : error instanceof Error ? error.message : '';
    show({ kind: 'bad', text: why === '' ? text : `${text}: ${why}` });
  },
};

const shownMs = { plain: 5_000, withUndo: 10_000, failure: 12_000 };

const lifeOf = ({ kind, undo }: ToastOf): number => {
  if (kind === 'bad') return shownMs.failure;
  return undo === undefined ? shownMs.plain : shownMs.withUndo;
};

const One = ({ toast: one }: { readonly toast: ToastOf }) => {
  useEffect(() => {
    const timer = setTimeout(() => {
      dismiss(one.id);
    }, lifeOf(one));
    return () => {
      clearTimeout(timer);
    };
  }, [one]);
  return (
    <div className={`toast toast-${one.kind}`}>
      <Icon name={one.kind === 'ok' ? 'success' : 'alert'} />
      <span className="toast-text">{one.text}</span>
      {one.undo !== undefined && (
        <Button
          size="s"
          onPress={() => {
            dismiss(one.id);
            one.undo?.();
          }}
        >
          Undo
        </Button>
      )}
      <IconButton
        icon="close"
        size="s"
        label="Dismiss"
        onPress={() => {
          dismiss(one.id);
        }}
      />
    </div>
  );
};

/** Where toasts appear; once in the page. */
export const Toasts = () => {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((one) => (
        <One key={one.id} toast={one} />
      ))}
    </div>
  );
};
