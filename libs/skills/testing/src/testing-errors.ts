// How the operations of this skill fail. That a check fails is a result, not an error.
import { skillErrors } from '@pulser/agent-runtime/skill';

export const testingErrors = skillErrors({
  /** The tenant's administrators have not allowed the host. */
  host_not_allowed: { permanent: true },
  /** The operator has not opened the address or the port. */
  address_not_open: { permanent: true },
  /** A JSON path, a JSON Schema or a value to carry on is wrong. */
  check_invalid: { permanent: true },
  /** No OpenAPI document that can be read. */
  document_unreadable: { permanent: true },
  /** The document is no valid OpenAPI. */
  document_invalid: { permanent: true },
  /** Nothing answers there. */
  target_unreachable: { permanent: false },
  /** The operator, or the tenant's setting, allows no load test. */
  load_not_allowed: { permanent: true },
  /** The host does not agree, by /.well-known/pulser. */
  load_not_agreed: { permanent: true },
});
