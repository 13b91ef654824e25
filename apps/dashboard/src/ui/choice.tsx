// A file of its own: pages of the first load choose, and have no fields.
import './choice.css';

import { ToggleButton } from 'react-aria-components/ToggleButton';
import { ToggleButtonGroup } from 'react-aria-components/ToggleButtonGroup';

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

/** One of two to five, side by side. */
export const Choice = <T extends string>({ label, options, value, onChange }: ChoiceProps<T>) => (
  <ToggleButtonGroup
    className="choice"
    aria-label={label}
    selectionMode="single"
    disallowEmptySelection
    selectedKeys={[value]}
    onSelectionChange={(keys) => {
      const [key] = keys;
      if (key !== undefined) onChange(String(key) as T);
    }}
  >
    {options.map((option) => (
      <ToggleButton key={option.id} id={option.id} className="choice-item">
        {option.text}
      </ToggleButton>
    ))}
  </ToggleButtonGroup>
);
