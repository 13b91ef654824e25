import type { AuditVerdict } from '@pulser/contracts';

import { count } from '../../ui/numbers.policy.js';

/** The verdict in a sentence, which claims no more than was checked. */
export const verdictText = ({ entries, intact, first_broken: broken }: AuditVerdict): string => {
  if (broken !== null)
    return `The trail is broken: entry ${count(broken)} was altered or moved, or follows one that was removed.`;
  if (!intact) return 'The trail is broken.';
  return entries === 0 ? 'The trail is empty: there is nothing to check.' : 'No entry was altered, removed or moved.';
};
