// A value of a server that is no secret: a member of the setting `mcp-variables`.
import type { McpVariable, McpVariables, Setting } from '@pulser/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { api } from '../../api/client.js';
import { ErrorState } from '../../ui/error-state.js';
import { TextField } from '../../ui/fields.js';
import { FormDialog } from '../../ui/form-dialog.js';
import { Skeleton } from '../../ui/skeleton.js';
import { toast } from '../../ui/toast.js';
import { settingsQuery } from '../settings/use-setting.js';
import { withVariable } from './variables.policy.js';

interface SetVariableProps {
  readonly server: string;
  readonly variable: McpVariable | undefined;
  readonly onClose: () => void;
}

export const SetVariableDialog = ({ server, variable, onClose }: SetVariableProps) => {
  const { data, error, refetch } = useQuery({ ...settingsQuery, staleTime: 0 });
  if (variable === undefined) return null;
  const setting = data?.find(({ name }) => name === 'mcp-variables') ?? null;
  if (data !== undefined) return <Form {...{ server, variable, setting, onClose }} />;
  return error === null ? <Skeleton width="100%" /> : <ErrorState error={error} onRetry={() => void refetch()} />;
};

interface FormProps extends SetVariableProps {
  readonly variable: McpVariable;
  /** Null: none was made yet. */
  readonly setting: Setting | null;
}

const Form = ({ server, variable: { name, description, example }, setting, onClose }: FormProps) => {
  const client = useQueryClient();
  const all = (setting?.value ?? {}) as McpVariables;
  // What was read when the typing began: that alone may be replaced.
  const [read] = useState(setting);
  const [value, setValue] = useState(all[server]?.[name] ?? '');
  const put = async (): Promise<void> => {
    const next = withVariable(all, server, name, value.trim());
    const expected = read === null ? { headers: { 'if-none-match': '*' } } : { ifMatch: read.etag };
    await api.put<Setting>('/api/v1/settings/mcp-variables', { value: next }, expected);
    toast.done(value.trim() === '' ? `${name} is not set any more` : `${name} is set`);
    await client.invalidateQueries({ queryKey: settingsQuery.queryKey });
    await client.invalidateQueries({ queryKey: ['mcp'] });
    onClose();
  };
  return (
    <FormDialog
      title={`Set ${name}`}
      verb="Set it"
      isReady={value !== (all[server]?.[name] ?? '')}
      onWrite={put}
      onClose={onClose}
    >
      <TextField
        label={name}
        value={value}
        onChange={setValue}
        isCode
        autoFocus
        autoComplete="off"
        {...(example !== null && { placeholder: example })}
        hint={`${description ?? `For ${server}`}. It is no secret: who may read settings sees it. Empty: not set.`}
      />
    </FormDialog>
  );
};
