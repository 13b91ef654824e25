// Making a key: what it may do and how long, and then the key itself, once.
import type { CreateKey, NewKey, RoleName } from '@pulser/contracts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { useCaller } from '../../session/session.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { ErrorNote } from '../../ui/error-state.js';
import { Checkbox, Choice, Select, TextField } from '../../ui/fields.js';
import { lifeTimes, roleTexts } from './key-choices.js';
import { NewKeyDialog } from './new-key.js';

/** As far as it is needed here: GET /api/v1/task-types */
interface TaskTypes {
  readonly task_types: readonly { readonly task_type: string; readonly agent: string }[];
}

interface CreateKeyDialogProps {
  readonly onMade: () => void;
  readonly onClose: () => void;
}

type Scope = 'every' | 'some';

const roles = (Object.keys(roleTexts) as RoleName[]).map((id) => ({ id, text: id }));

export const CreateKeyDialog = ({ onMade, onClose }: CreateKeyDialogProps) => {
  const own = useCaller()?.allowed_task_types ?? null;
  const [name, setName] = useState('');
  const [role, setRole] = useState<RoleName>('operator');
  const [scope, setScope] = useState<Scope>(own === null ? 'every' : 'some');
  const [types, setTypes] = useState<readonly string[]>([]);
  const [life, setLife] = useState(lifeTimes[3]?.id ?? 'never');
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  // Here and nowhere else: a cache of queries or mutations would keep the key after the dialog is closed.
  const [made, setMade] = useState<NewKey>();
  if (made !== undefined) return <NewKeyDialog made={made} onClose={onClose} />;

  // A viewer submits nothing. Of a giver with some types it has them all: the API asks for it.
  const submits = role !== 'viewer';
  const allowed = submits ? (scope === 'some' ? [...types] : undefined) : (own ?? undefined);
  const isReady = name.trim() !== '' && (!submits || scope === 'every' || types.length > 0);
  const create = async (): Promise<void> => {
    if (!isReady || isPending) return;
    setPending(true);
    setError(undefined);
    const order: CreateKey = {
      name: name.trim(),
      role,
      ...(allowed !== undefined && { allowed_task_types: [...allowed] }),
      ...(life !== 'never' && { expires_in_s: Number(life) }),
    };
    try {
      setMade(await api.post<NewKey>('/api/v1/keys', order));
      onMade();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setPending(false);
    }
  };
  return (
    <Dialog
      title="Create a key"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isPending={isPending} isDisabled={!isReady} onPress={() => void create()}>
            Create the key
          </Button>
        </>
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          maxLength={100}
          autoFocus
          autoComplete="off"
          hint="By which people know it: who or what uses it."
        />
        <Select<RoleName> label="Role" options={roles} value={role} onChange={setRole} hint={roleTexts[role]} />
        {submits && own === null && (
          <Choice<Scope>
            label="What it may submit"
            value={scope}
            onChange={setScope}
            options={[
              { id: 'every', text: 'Tasks of every type' },
              { id: 'some', text: 'Of some types only' },
            ]}
          />
        )}
        {submits && scope === 'some' && <TypeList own={own} chosen={types} onChange={setTypes} />}
        <Select label="Ends" options={lifeTimes} value={life} onChange={setLife} />
        {error !== undefined && <ErrorNote error={error} />}
      </form>
    </Dialog>
  );
};

interface TypeListProps {
  /** Types of the caller's own key; null: every type. */
  readonly own: readonly string[] | null;
  readonly chosen: readonly string[];
  readonly onChange: (types: readonly string[]) => void;
}

const TypeList = ({ own, chosen, onChange }: TypeListProps) => {
  const { data, error } = useQuery({
    queryKey: ['task-types', 'names'],
    queryFn: async ({ signal }) =>
      (await api.get<TaskTypes>('/api/v1/task-types', { signal })).task_types.map(({ task_type }) => task_type).sort(),
  });
  if (error !== null) return <ErrorNote error={error} />;
  const offered = data?.filter((type) => own?.includes(type) ?? true) ?? [];
  return (
    <fieldset className="key-types">
      <legend className="field-label">Task types</legend>
      {offered.map((type) => (
        <Checkbox
          key={type}
          isSelected={chosen.includes(type)}
          onChange={(isOn) => {
            onChange(isOn ? [...chosen, type] : chosen.filter((one) => one !== type));
          }}
        >
          <span className="mono">{type}</span>
        </Checkbox>
      ))}
    </fieldset>
  );
};
