// A file of its own: pages of the first load choose, and have no fields.
import './choice.css';

import type { KeyboardEvent } from 'react';

export interface Option<T extends string = string> {
  readonly id: T;
  readonly text: string;
  readonly hint?: string;
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly options: readonly Option<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** One of two to five, side by side; arrows choose the next one. */
export const Choice = <T extends string>({ label, options, value, onChange }: ChoiceProps<T>) => {
  const move = (event: KeyboardEvent<HTMLDivElement>): void => {
    const by = steps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const at = (options.findIndex(({ id }) => id === value) + by + options.length) % options.length;
    const next = options[at];
    if (next === undefined) return;
    onChange(next.id);
    event.currentTarget.querySelectorAll('button')[at]?.focus();
  };
  return (
    <div className="choice" role="radiogroup" aria-label={label} onKeyDown={move}>
      {options.map(({ id, text }) => (
        <button
          key={id}
          type="button"
          role="radio"
          aria-checked={id === value}
          tabIndex={id === value ? 0 : -1}
          className="choice-item"
          onClick={() => {
            if (id !== value) onChange(id);
          }}
        >
          {text}
        </button>
      ))}
    </div>
  );
};
