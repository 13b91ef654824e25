/** What is not done at all, whoever asks again. */
export const outgoingRefusals = {
  invalid_url: 'This is not an absolute URL',
  scheme_not_allowed: 'This scheme is not allowed',
  port_not_allowed: 'This port is not allowed',
  credentials_in_url: 'A URL may not hold a user name or a password',
  address_not_public: 'The host does not have public addresses only',
  header_not_allowed: "This header is not the caller's to set",
  redirect_downgrade: 'The answer leads from https to http',
  too_many_redirects: 'The answer leads on and on',
} as const;
export type OutgoingRefusalCode = keyof typeof outgoingRefusals;

/** What was tried and did not work. Permanent: the same again will not work either. */
export const outgoingFailures = {
  name_not_found: { permanent: true, title: 'The host name does not exist' },
  name_unresolved: { permanent: false, title: 'The host name cannot be resolved now' },
  connect_failed: { permanent: false, title: 'No connection' },
  connection_lost: { permanent: false, title: 'The connection was lost before the answer was complete' },
  certificate_invalid: { permanent: true, title: 'The certificate of the server is not trusted' },
  timed_out: { permanent: false, title: 'The answer took too long' },
  headers_too_large: { permanent: true, title: 'The headers of the answer are too large' },
  body_too_large: { permanent: true, title: 'The body of the answer is too large' },
  encoding_not_supported: { permanent: true, title: 'The body of the answer is encoded in an unknown way' },
  redirect_invalid: { permanent: true, title: 'The answer leads nowhere' },
  not_http: { permanent: false, title: 'The answer is not valid HTTP' },
  not_json: { permanent: true, title: 'The body of the answer is not JSON' },
  request_failed: { permanent: false, title: 'The request failed' },
} as const satisfies Record<string, { permanent: boolean; title: string }>;
export type OutgoingFailureCode = keyof typeof outgoingFailures;
