import type { Setting, SettingList, SettingName } from '@pulser/contracts';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import { api } from '../../api/client.js';
import { toast } from '../../ui/toast.js';

const pathOf = (name: SettingName): string => `/api/v1/settings/${name}`;

/** All settings of the tenant that were made; the others have their defaults. */
export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: async ({ signal }): Promise<readonly Setting[]> =>
    (await api.get<SettingList>('/api/v1/settings', { signal })).settings,
});

/** What a change is based on: the tag that was read, or that there was none. */
const expecting = (read: Setting | null) =>
  read === null ? { headers: { 'if-none-match': '*' } } : { ifMatch: read.etag };

/** Saving and deleting a setting, each only if it is still as it was read. */
export const useSettingChanges = (name: SettingName) => {
  const client = useQueryClient();
  const { queryKey } = settingsQuery;
  const keep = (setting: Setting | undefined): void => {
    client.setQueryData(queryKey, (before = []) => [
      ...before.filter((one) => one.name !== name),
      ...(setting === undefined ? [] : [setting]),
    ]);
  };
  const save = useMutation({
    mutationFn: ({ read, value }: { readonly read: Setting | null; readonly value: unknown }) =>
      api.put<Setting>(pathOf(name), { value }, expecting(read)),
    onSuccess: (setting) => {
      keep(setting);
      toast.done('The setting is saved');
    },
  });
  const remove = async (read: Setting): Promise<void> => {
    await api.delete(pathOf(name), { ifMatch: read.etag });
    keep(undefined);
    toast.done('The default holds again');
  };
  return { save, remove, reload: () => client.invalidateQueries({ queryKey }) };
};
