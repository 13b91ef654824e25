import { useSyncExternalStore } from 'react';

// As in submit.css: below this there is no room for form and JSON side by side.
const narrow = matchMedia('(max-width: 900px)');

const subscribe = (listener: () => void): (() => void) => {
  narrow.addEventListener('change', listener);
  return () => {
    narrow.removeEventListener('change', listener);
  };
};

/** Whether form and JSON take turns. */
export const useIsNarrow = (): boolean => useSyncExternalStore(subscribe, () => narrow.matches);
