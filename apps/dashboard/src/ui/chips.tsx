import './badge.css';

import { Button } from './button.js';
import { Icon } from './icon.js';

export interface Chip {
  readonly id: string;
  /** What is filtered: "status". */
  readonly name: string;
  /** By which value: "failed". */
  readonly value: string;
  /** How people know the value, where it is an id. */
  readonly text?: string | undefined;
}

interface ChipsProps {
  readonly chips: readonly Chip[];
  readonly onRemove: (chip: Chip) => void;
  readonly onClear: () => void;
}

/** The filters of a list, each to be taken away. */
export const Chips = ({ chips, onRemove, onClear }: ChipsProps) =>
  chips.length === 0 ? null : (
    <div className="chips" role="group" aria-label="Filters">
      {chips.map((chip) => (
        <span key={chip.id} className="chip">
          <span className="chip-name">{chip.name}</span>
          <span className="chip-value truncate" title={chip.value}>
            {chip.text ?? chip.value}
          </span>
          <button
            type="button"
            className="chip-remove"
            aria-label={`Remove the filter ${chip.name} ${chip.text ?? chip.value}`}
            onClick={() => {
              onRemove(chip);
            }}
          >
            <Icon name="close" size={12} />
          </button>
        </span>
      ))}
      {chips.length > 1 && (
        <Button kind="quiet" size="s" onPress={onClear}>
          Clear all
        </Button>
      )}
    </div>
  );
