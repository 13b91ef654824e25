import { z } from 'zod';

import type { FieldProblem } from './field-problems.js';
import { keptObject, keptSizes, keptText, readObject } from './kept.js';

/** Every code that an HTTP client can receive: its status and its one-line title (RFC 9457). */
export const httpErrors = {
  invalid_request: { status: 400, title: 'The request does not match the schema' },
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  forbidden_key: { status: 400, title: 'A name could pollute prototypes' },
  unauthenticated: { status: 401, title: 'A valid API key or token is required' },
  forbidden: { status: 403, title: 'The caller may not do that' },
  insecure_connection: { status: 403, title: 'A browser keeps no login over this connection' },
  not_a_decider: { status: 403, title: 'Others are asked to decide this approval' },
  self_approval: { status: 403, title: 'Who had a part in the request may not decide it' },
  cross_site_request: { status: 403, title: 'The request comes from a page of another origin' },
  tenant_required: { status: 403, title: 'This route is for the keys and people of a tenant' },
  installation_key_required: { status: 403, title: 'This route is for keys of the installation' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'This method is not supported here' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'The state of the resource does not allow this' },
  idempotency_conflict: { status: 409, title: 'This idempotency key was used with another body' },
  upload_offset_mismatch: { status: 409, title: 'The upload ended at another place' },
  content_quota_exceeded: { status: 409, title: 'This tenant keeps as many bytes as it may' },
  precondition_failed: { status: 412, title: 'It is not, or no longer, as the request expects it' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  uri_too_long: { status: 414, title: 'The URL is too long' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json' },
  range_not_satisfiable: { status: 416, title: 'The content has no such bytes' },
  digest_mismatch: { status: 422, title: 'The content has another hash than was said' },
  task_type_not_served: { status: 422, title: 'No agent serves this task type' },
  unknown_destination: { status: 422, title: 'A destination does not exist, or is not confirmed' },
  invalid_workflow: { status: 422, title: 'The definition of the workflow has problems' },
  invalid_payload: { status: 422, title: 'The payload does not match the schema of its operation' },
  head_too_large: { status: 431, title: 'The head of the request is too large' },
  queue_full: { status: 429, title: 'Too many tasks of this tenant wait' },
  daily_quota_spent: { status: 429, title: 'This tenant has submitted as many tasks today as it may' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something failed on our side' },
  database_unavailable: { status: 503, title: 'The database cannot be reached' },
  embedding_unavailable: { status: 503, title: 'Texts cannot be turned into vectors now' },
  embedding_mismatch: { status: 503, title: 'The embedding model gives other vectors than those that are stored' },
  content_unavailable: { status: 503, title: 'The store of large files cannot be reached' },
  scaling_unknown: { status: 503, title: 'How many workers this agent should have is not known now' },
  secrets_not_configured: { status: 503, title: 'This service can keep no secrets' },
  unknown_tool: { status: 404, title: 'There is no such tool' },
  not_allowed: { status: 403, title: 'The caller may not call this tool' },
  invalid_args: { status: 422, title: 'The arguments do not match the schema of the tool' },
  server_unavailable: { status: 503, title: 'The server of the tool cannot be asked now' },
  not_configured: { status: 409, title: 'The tenant has not set what the tool needs' },
  timeout: { status: 504, title: 'The tool did not answer in time' },
  rate_limited: { status: 429, title: 'The server of the tool takes no more calls now' },
  upstream_error: { status: 502, title: 'The tool failed' },
  approval_required: { status: 409, title: 'Persons have to approve this call first' },
  identity_provider_unavailable: { status: 503, title: 'The keys of the identity provider cannot be fetched' },
} as const satisfies Record<string, { status: number; title: string }>;
export type HttpErrorCode = keyof typeof httpErrors;

/**
 * The codes of Pulser that can stand in the error of a failed attempt; skills declare codes of their own beside their
 * operations. Permanent ones are never retried.
 */
export const taskErrors = {
  handler_failed: { permanent: false },
  handler_crashed: { permanent: false },
  invalid_payload: { permanent: true },
  unknown_operation: { permanent: true },
  resource_limit: { permanent: true },
  result_too_large: { permanent: true },
  time_limit_exceeded: { permanent: false },
  deadline_exceeded: { permanent: true },
  wait_limit_exceeded: { permanent: true },
  worker_lost: { permanent: false },
  approval_denied: { permanent: true },
  approval_expired: { permanent: true },
  child_refused: { permanent: true },
  invalid_wait: { permanent: true },
  invalid_memory: { permanent: true },
  embedding_unavailable: { permanent: false },
  embedding_mismatch: { permanent: false },
  data_not_found: { permanent: true },
  data_damaged: { permanent: true },
  dataset_quota_exceeded: { permanent: true },
  content_unavailable: { permanent: false },
  secret_unavailable: { permanent: true },
  model_not_configured: { permanent: true },
  model_unavailable: { permanent: false },
  model_refused: { permanent: true },
  budget_spent: { permanent: true },
  no_progress: { permanent: true },
  answer_invalid: { permanent: true },
  tool_failed: { permanent: false },
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
  invalid_payload: 'The payload does not match the schema of its operation',
  unknown_destination: 'A destination that the task names does not exist, or is not confirmed',
  idempotency_conflict: 'The message id was used with another body',
  queue_full: 'Too many tasks of the tenant waited',
  daily_quota_spent: 'The tenant had submitted as many tasks that day as it may',
  handler_failed: 'The consumer failed on this message again and again',
  unexplained: 'The message came without a reason',
} as const;
export type DeadLetterReason = keyof typeof deadLetterReasons;

/** Why a body is refused, whichever door it came through: the code of the HTTP problem, the reason of the dead letter. */
export const bodyRefusals = {
  tooLarge: { http: 'payload_too_large', deadLetter: 'payload_too_large' },
  otherMediaType: { http: 'unsupported_media_type', deadLetter: 'unsupported_media_type' },
  notJson: { http: 'invalid_json', deadLetter: 'unparsable' },
  forbiddenKey: { http: 'forbidden_key', deadLetter: 'forbidden_key' },
  mismatch: { http: 'invalid_request', deadLetter: 'invalid_message' },
} as const satisfies Record<string, { http: HttpErrorCode; deadLetter: DeadLetterReason }>;
export type BodyRefusal = keyof typeof bodyRefusals;

/** Problem details for HTTP APIs (RFC 9457), with a stable `code`. Media type application/problem+json. */
export const Problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    trace_id: z.string().optional(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

export interface HttpErrorFacts {
  readonly detail?: string;
  readonly errors?: readonly FieldProblem[];
  /** Further members of the problem document. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** Seconds, sent as the Retry-After header. */
  readonly retryAfterS?: number;
  readonly cause?: unknown;
}

/** A refusal with a stable code; one filter turns it into problem details. */
export class HttpError extends Error {
  readonly status: number;

  constructor(
    readonly code: HttpErrorCode,
    readonly facts: HttpErrorFacts = {},
  ) {
    super(facts.detail ?? httpErrors[code].title, { cause: facts.cause });
    this.name = 'HttpError';
    this.status = httpErrors[code].status;
  }
}

type OutageCode = {
  [Code in HttpErrorCode]: (typeof httpErrors)[Code]['status'] extends 503 ? Code : never;
}[HttpErrorCode];

/**
 * What an error of a library that knows no HTTP carries when a server it needs cannot be reached: consumers of messages
 * try again (`transient`), and the filter answers 503 with its code.
 */
export interface Outage extends Error {
  readonly transient: true;
  readonly code: OutageCode;
}

const isHttpErrorCode = (code: unknown): code is HttpErrorCode =>
  typeof code === 'string' && Object.hasOwn(httpErrors, code);

export const isOutage = (value: unknown): value is Outage =>
  value instanceof Error &&
  'transient' in value &&
  value.transient === true &&
  'code' in value &&
  isHttpErrorCode(value.code) &&
  httpErrors[value.code].status === 503;

/** The error of an attempt as it is stored with the task and shown. */
export const TaskFailure = z
  .object({
    code: z.string(),
    message: z.string(),
    permanent: z.boolean(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'TaskFailure' });
export type TaskFailure = z.infer<typeof TaskFailure>;

const errorCode = /^[a-z][a-z0-9_]{0,63}$/;

/** An error as it is stored: bounded, and such that PostgreSQL can hold it, whatever a handler put into it. */
export const keptFailure = ({ code, message, permanent, details }: TaskFailure): TaskFailure => {
  const kept = keptObject(details, keptSizes.details);
  return {
    code: errorCode.test(code) ? code : 'handler_failed',
    message: keptText(message, keptSizes.message),
    permanent,
    ...(kept !== undefined && { details: kept }),
  };
};

/** An error that was read: one that is older than the bounds gets them now. */
export const readFailure = ({ message, details, ...failure }: TaskFailure): TaskFailure => ({
  ...failure,
  message: keptText(message, keptSizes.message),
  ...(details !== undefined && { details: readObject(details) }),
});

export interface TaskErrorFacts {
  /** Shown to whoever reads the task: no secrets, no stack. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** Where it differs from what holds for the code: whether another attempt cannot help. */
  readonly permanent?: boolean;
  /** Milliseconds, an hour at most; an upstream's Retry-After. */
  readonly retryAfterMs?: number;
}

/** A code that a skill declares. */
export const TaskErrorDescription = z.object({
  code: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/),
  permanent: z.boolean().meta({ description: 'Whether a failure with this code is never retried' }),
});
export type TaskErrorDescription = z.infer<typeof TaskErrorDescription>;

/** Thrown by an agent's handler to fail an attempt with a code; anything else thrown counts as `handler_failed`. */
export class TaskError extends Error {
  readonly code: string;
  readonly permanent: boolean;

  /** @param code one of Pulser's; those of a skill are thrown through its `skillErrors` */
  constructor(
    code: TaskErrorCode | TaskErrorDescription,
    message: string,
    readonly facts: TaskErrorFacts = {},
  ) {
    super(message, { cause: facts.cause });
    this.name = 'TaskError';
    const described = typeof code === 'string' ? { code, ...taskErrors[code] } : code;
    this.code = described.code;
    this.permanent = facts.permanent ?? described.permanent;
  }
}
