import { skillErrors } from '@pulser/agent-runtime/skill';

/** How an operation fails because of its payload or its data. All are permanent: the same again fails again. */
export const pipelineErrors = skillErrors({
  query_failed: { permanent: true },
  source_unreadable: { permanent: true },
  source_unreachable: { permanent: false },
  column_unknown: { permanent: true },
  rule_unfit: { permanent: true },
  key_not_unique: { permanent: true },
});
