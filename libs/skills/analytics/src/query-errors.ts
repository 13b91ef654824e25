import { skillErrors } from '@pulser/agent-runtime/skill';

/** How a query fails because of its payload. Both are permanent: the same SQL on the same data fails again. */
export const queryErrors = skillErrors({
  query_failed: { permanent: true },
  source_unreadable: { permanent: true },
});
