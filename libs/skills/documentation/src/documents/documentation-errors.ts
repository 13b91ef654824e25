import { skillErrors } from '@pulser/agent-runtime/skill';

/** The error codes of all operations of this skill. */
export const documentationErrors = skillErrors({
  /** It is no JSON or YAML, or no text at all. */
  document_unreadable: { permanent: true },
  /** It is beyond a bound on size, depth or number of values. */
  document_too_large: { permanent: true },
  /** It can be read, but is not of the kind that the operation works on. */
  document_not_supported: { permanent: true },
});
