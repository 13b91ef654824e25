import { Button, IconButton } from '../../ui/button.js';
import { TextField } from '../../ui/fields.js';
import { problemAt } from './setting-drafts.policy.js';
import type { FormOf } from './setting-panel.js';

const maxLabels = 8;

/** Keys of the metadata of tasks that are labels. */
export const TaskLabelsForm = ({ draft, onChange, errors, isReadOnly }: FormOf<readonly string[]>) => (
  <>
    {draft.length === 0 && <p>No member of the metadata is a label.</p>}
    {draft.map((key, place) => (
      <div key={place} className="label-row">
        <TextField
          label={`Label ${place + 1}`}
          value={key}
          onChange={(text) => {
            onChange(draft.map((one, index) => (index === place ? text : one)));
          }}
          placeholder="customer"
          maxLength={64}
          isReadOnly={isReadOnly}
          error={problemAt(errors, place)}
        />
        {!isReadOnly && (
          <IconButton
            icon="trash"
            label={`Take away ${key === '' ? `label ${place + 1}` : key}`}
            onPress={() => {
              onChange(draft.filter((_, index) => index !== place));
            }}
          />
        )}
      </div>
    ))}
    {!isReadOnly && (
      <div>
        <Button
          icon="plus"
          isDisabled={draft.length >= maxLabels}
          onPress={() => {
            onChange([...draft, '']);
          }}
        >
          {draft.length >= maxLabels ? `${maxLabels} labels at most` : 'Add a label'}
        </Button>
      </div>
    )}
  </>
);
