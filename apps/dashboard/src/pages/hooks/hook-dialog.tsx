// The form of a hook.
import '../schedules/schedules.css';

import type { HookCause, HookView } from '@pulser/contracts';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { Choice, type Option } from '../../ui/choice.js';
import { Note } from '../../ui/error-state.js';
import { Checkbox, TextField } from '../../ui/fields.js';
import { FormDialog } from '../../ui/form-dialog.js';
import { nameShape } from '../../things/name.js';
import { PayloadField } from '../submit/payload-field.js';
import { emptyForm, formOf, type HookForm, orderOf } from './hook-form.policy.js';

const kinds: readonly Option<HookCause['kind']>[] = [
  { id: 'request', text: 'A signed request' },
  { id: 'task.failed', text: 'A task fails' },
  { id: 'dataset.version', text: 'A dataset changes' },
];

interface HookDialogProps {
  /** The one that is changed; undefined: a new one. */
  readonly hook?: HookView;
  readonly onDone: (hook: HookView) => void;
  readonly onClose: () => void;
}

export const HookDialog = ({ hook, onDone, onClose }: HookDialogProps) => {
  const [form, setForm] = useState<HookForm>(() => (hook === undefined ? emptyForm : formOf(hook)));
  const set = (changes: Partial<HookForm>): void => {
    setForm((before) => ({ ...before, ...changes }));
  };
  const write = async (): Promise<void> => {
    const order = orderOf(form, hook);
    onDone(await api.put<HookView>(`/api/v1/hooks/${encodeURIComponent(form.name.trim())}`, order));
  };
  return (
    <FormDialog
      title={hook === undefined ? 'New hook' : `Change ${hook.name}`}
      isWide
      verb={hook === undefined ? 'Create it' : 'Save it'}
      cancel={hook === undefined ? 'Discard it' : 'Keep as it is'}
      isReady={nameShape.test(form.name.trim())}
      onWrite={write}
      onClose={onClose}
    >
      <TextField
        label="Name"
        value={form.name}
        isCode
        isDisabled={hook !== undefined}
        hint="A small letter, then small letters, digits and hyphens"
        onChange={(name) => {
          set({ name });
        }}
      />
      <Cause form={form} set={set} />
      <Task form={form} set={set} />
      <Checkbox
        isSelected={form.enabled}
        onChange={(enabled) => {
          set({ enabled });
        }}
      >
        Enabled
      </Checkbox>
      {hook !== undefined && (
        <Note>Whoever saves a hook is its author: its tasks are submitted with their rights.</Note>
      )}
    </FormDialog>
  );
};

interface PartProps {
  readonly form: HookForm;
  readonly set: (changes: Partial<HookForm>) => void;
}

const Text = ({
  form,
  set,
  of,
  label,
  hint,
  rows,
}: PartProps & {
  readonly of: Exclude<keyof HookForm, 'kind' | 'enabled'>;
  readonly label: string;
  readonly hint?: string;
  readonly rows?: number;
}) => (
  <TextField
    label={label}
    value={form[of]}
    isCode
    {...(hint !== undefined && { hint })}
    {...(rows !== undefined && { rows })}
    onChange={(text) => {
      set({ [of]: text });
    }}
  />
);

const Cause = ({ form, set }: PartProps) => (
  <fieldset className="schedule-part">
    <legend>When</legend>
    <Choice
      label="What happens"
      options={kinds}
      value={form.kind}
      onChange={(kind) => {
        set({ kind });
      }}
    />
    <div className="schedule-fields">
      {form.kind === 'request' && (
        <Text form={form} set={set} of="secret" label="Secret" hint="Name of a secret of the tenant" />
      )}
      {form.kind === 'task.failed' && (
        <>
          <Text form={form} set={set} of="failedType" label="Of the type" hint="Empty: any" />
          <Text form={form} set={set} of="operation" label="Operation" hint="Empty: any" />
          <Text form={form} set={set} of="agent" label="Agent" hint="Empty: any" />
          <Text form={form} set={set} of="code" label="Code of the error" hint="Empty: any" />
        </>
      )}
      {form.kind === 'dataset.version' && <Text form={form} set={set} of="dataset" label="Dataset" hint="Empty: any" />}
    </div>
  </fieldset>
);

const Task = ({ form, set }: PartProps) => (
  <fieldset className="schedule-part">
    <legend>What</legend>
    <div className="schedule-fields">
      <Text form={form} set={set} of="taskType" label="Task type" />
    </div>
    <PayloadField
      taskType={form.taskType}
      text={form.payload}
      onText={(payload) => {
        set({ payload });
      }}
    />
    <Text
      form={form}
      set={set}
      of="map"
      label="What of the body goes where"
      rows={3}
      hint='[{"from": "/data/task_id", "to": "/inputs/task"}]: JSON Pointers into the body and the payload'
    />
  </fieldset>
);
