/** Every code that an HTTP client can receive: its status and its one-line title (RFC 9457). */
export const httpErrors = {
  invalid_request: { status: 400, title: 'The request does not match the schema' },
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  forbidden_key: { status: 400, title: 'A name could pollute prototypes' },
  unauthenticated: { status: 401, title: 'A valid API key or token is required' },
  forbidden: { status: 403, title: 'The caller may not do that' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'This method is not supported here' },
  conflict: { status: 409, title: 'The state of the resource does not allow this' },
  idempotency_conflict: { status: 409, title: 'This idempotency key was used with another body' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  uri_too_long: { status: 414, title: 'The URL is too long' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json' },
  task_type_not_served: { status: 422, title: 'No agent serves this task type' },
  queue_full: { status: 429, title: 'Too many tasks of this tenant wait' },
  daily_quota_spent: { status: 429, title: 'This tenant has submitted as many tasks today as it may' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something failed on our side' },
  database_unavailable: { status: 503, title: 'The database cannot be reached' },
  identity_provider_unavailable: { status: 503, title: 'The keys of the identity provider cannot be fetched' },
} as const satisfies Record<string, { status: number; title: string }>;
export type HttpErrorCode = keyof typeof httpErrors;

/** Every code that can stand in the error of a failed attempt. Permanent ones are never retried. */
export const taskErrors = {
  handler_failed: { permanent: false },
  handler_crashed: { permanent: false },
  invalid_payload: { permanent: true },
  unknown_operation: { permanent: true },
  query_failed: { permanent: true },
  source_unreadable: { permanent: true },
  resource_limit: { permanent: true },
  result_too_large: { permanent: true },
  time_limit_exceeded: { permanent: false },
  deadline_exceeded: { permanent: true },
  worker_lost: { permanent: false },
} as const satisfies Record<string, { permanent: boolean }>;
export type TaskErrorCode = keyof typeof taskErrors;

/** Why a message could not be tied to a task and lies in `dead-letters`. */
export const deadLetterReasons = {
  unparsable: 'The body is not JSON',
  payload_too_large: 'The body is too large',
  unsupported_media_type: 'The content type says that the body is not JSON',
  forbidden_key: 'A name in the message could pollute prototypes',
  invalid_message: 'The message does not match its schema',
  unsupported_version: 'The message is of a version that this build does not read',
  unknown_routing_key: 'No consumer knows this routing key',
  unauthenticated: 'The API key of the headers is missing or wrong',
  forbidden: 'The API key may not submit tasks',
  forbidden_task_type: 'The API key may not submit tasks of this type',
  task_type_not_served: 'No agent serves this task type',
  idempotency_conflict: 'The message id was used with another body',
  queue_full: 'Too many tasks of the tenant waited',
  daily_quota_spent: 'The tenant had submitted as many tasks that day as it may',
  handler_failed: 'The consumer failed on this message again and again',
  unexplained: 'The message came without a reason',
} as const;
export type DeadLetterReason = keyof typeof deadLetterReasons;
