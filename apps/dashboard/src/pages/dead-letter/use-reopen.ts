import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';

import { api } from '../../api/client.js';
import { toast } from '../../ui/toast.js';

export interface Reopening {
  /** Id of the dead letter that is being opened again. */
  readonly pending: string | undefined;
  readonly reopen: (id: string) => Promise<void>;
}

/** Takes the discard of a dead letter back, however long ago it was. */
export const useReopen = (): Reopening => {
  const client = useQueryClient();
  const [pending, setPending] = useState<string>();
  const reopen = useCallback(
    async (id: string): Promise<void> => {
      setPending(id);
      try {
        await api.post(`/api/v1/dead-letters/${encodeURIComponent(id)}/reopen`);
        toast.done('The dead letter is open again');
      } catch (error) {
        toast.failed('Not opened again', error);
      }
      setPending(undefined);
      await Promise.all([
        client.invalidateQueries({ queryKey: ['dead-letter', id] }),
        client.invalidateQueries({ queryKey: ['dead-letters'] }),
      ]);
    },
    [client],
  );
  return { pending, reopen };
};
