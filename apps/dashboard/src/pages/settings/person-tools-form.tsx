import { TextField } from '../../ui/fields.js';
import { callerRoles, problemAt, type ToolsDraft } from './setting-drafts.policy.js';
import type { FormOf } from './setting-panel.js';

/** Patterns of tools for each role that may call any. */
export const PersonToolsForm = ({ draft, onChange, errors, isReadOnly }: FormOf<ToolsDraft>) => (
  <>
    {callerRoles.map((role) => (
      <TextField
        key={role}
        label={`Tools of the role ${role}`}
        value={draft[role]}
        onChange={(text) => {
          onChange({ ...draft, [role]: text });
        }}
        placeholder="read, kubernetes__*"
        isCode
        isReadOnly={isReadOnly}
        error={problemAt(errors, role)}
      />
    ))}
  </>
);
