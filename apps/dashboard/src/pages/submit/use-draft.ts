// What is being written. It lives as long as the page is open in the browser, and is kept nowhere else.
import { useCallback, useState } from 'react';

import type { Json } from './pointer.policy.js';
import { noOptions, objectOf, type Options } from './submission.policy.js';

export interface Draft {
  /** The JSON as it is written: it may not be JSON for a while. */
  readonly text: string;
  /** What was last JSON: what the form shows. */
  readonly payload: Json;
  /** Why the text is not JSON now. */
  readonly fault: string | undefined;
  readonly options: Options;
}

/** JSON as it is shown and edited. */
const textOf = (payload: Json): string => JSON.stringify(payload, null, 2);

export const draftOf = (payload: Json, options: Options = noOptions): Draft => ({
  text: textOf(payload),
  payload,
  fault: undefined,
  options,
});

const drafts = new Map<string, Draft>();

export interface DraftActions {
  readonly writePayload: (payload: Json) => void;
  readonly writeText: (text: string) => void;
  readonly writeOptions: (options: Options) => void;
  /** Back to what it began with. */
  readonly reset: () => void;
}

/** A draft that is there again when one comes back to it. @param key what it is of: another one is another draft */
export const useDraft = (key: string, initial: () => Draft): [Draft, DraftActions] => {
  const [draft, setDraft] = useState(() => drafts.get(key) ?? initial());
  const change = useCallback(
    (next: (before: Draft) => Draft) => {
      setDraft((before) => {
        const made = next(before);
        drafts.set(key, made);
        return made;
      });
    },
    [key],
  );
  return [
    draft,
    {
      writePayload: (payload) => {
        change((before) => ({ ...before, payload, text: textOf(payload), fault: undefined }));
      },
      writeText: (text) => {
        change((before) => {
          const read = objectOf(text);
          if ('fault' in read) return { ...before, text, fault: read.fault };
          return { ...before, text, payload: read.value, fault: undefined };
        });
      },
      writeOptions: (options) => {
        change((before) => ({ ...before, options }));
      },
      reset: () => {
        drafts.delete(key);
        setDraft(initial());
      },
    },
  ];
};

/** Once submitted, the next one begins anew. */
export const forgetDraft = (key: string): void => {
  drafts.delete(key);
};
