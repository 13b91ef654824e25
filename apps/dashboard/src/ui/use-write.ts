import { useState } from 'react';

export interface Write {
  readonly isPending: boolean;
  /** What the last one failed with; undefined: nothing. */
  readonly error: unknown;
  /** Does it, unless one is under way. */
  readonly write: (work: () => Promise<void>) => void;
  /** What it failed with is no more. */
  readonly forget: () => void;
}

/** One order to the server at a time, as a form gives it. Nothing of it is kept: the caches of queries would, for minutes. */
export const useWrite = (): Write => {
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async (work: () => Promise<void>): Promise<void> => {
    setPending(true);
    setError(undefined);
    try {
      await work();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setPending(false);
    }
  };
  return {
    isPending,
    error,
    write: (work) => {
      if (!isPending) void run(work);
    },
    forget: () => {
      setError(undefined);
    },
  };
};
