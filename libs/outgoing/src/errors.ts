// The two errors of a call: refused before anything is sent, or failed.
/** Codes of requests that are not allowed; a repeat is refused again. */
export const outgoingRefusals = {
  invalid_url: 'This is not an absolute URL',
  scheme_not_allowed: 'This scheme is not allowed',
  port_not_allowed: 'This port is not allowed',
  credentials_in_url: 'A URL may not hold a user name or a password',
  address_not_public: 'The host does not have public addresses only',
  header_not_allowed: "This header is not the caller's to set",
  redirect_downgrade: 'The answer leads from https to http',
  too_many_redirects: 'The answer leads on and on',
  other_server: 'Only the server of the configuration may be asked',
} as const;
export type OutgoingRefusalCode = keyof typeof outgoingRefusals;

/** Codes of requests that were tried and failed. Permanent: a repeat fails too. */
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

/** Facts about a request for its error. Never its path, query or headers, which may hold secrets, nor an address of a name. */
export interface OutgoingFacts {
  /** Scheme, host and port. */
  readonly origin?: string;
  /** The limit that was exceeded, with its unit. */
  readonly limit?: string;
  /** Name of the header or of the encoding. */
  readonly name?: string;
}

// One line: the title of a code and the known facts.
const sentence = (title: string, { origin, limit, name }: OutgoingFacts): string => {
  const known = [origin, name, limit && `limit ${limit}`].filter((fact) => fact !== undefined && fact !== '');
  return known.length === 0 ? title : `${title} (${known.join(', ')})`;
};

/** The request, or the target of a redirect, is not allowed: nothing was sent there. */
export class OutgoingRefused extends Error {
  override readonly name = 'OutgoingRefused';
  /** The same request will be refused again. */
  readonly permanent = true;

  constructor(
    readonly code: OutgoingRefusalCode,
    readonly facts: OutgoingFacts = {},
  ) {
    super(sentence(outgoingRefusals[code], facts));
  }
}

/** The request was allowed, and there is no usable answer. */
export class OutgoingFailed extends Error {
  override readonly name = 'OutgoingFailed';
  /** Whether a repeat fails too. */
  readonly permanent: boolean;

  constructor(
    readonly code: OutgoingFailureCode,
    readonly facts: OutgoingFacts = {},
    cause?: unknown,
  ) {
    super(sentence(outgoingFailures[code].title, facts), { cause });
    this.permanent = outgoingFailures[code].permanent;
  }
}

/** Converts any error of a request into one of the two, with the origin of the request. */
export const asOutgoing = (error: unknown, origin: string): OutgoingRefused | OutgoingFailed => {
  if (error instanceof OutgoingRefused) return error;
  if (error instanceof OutgoingFailed) return new OutgoingFailed(error.code, { origin, ...error.facts }, error.cause);
  return new OutgoingFailed(failureCode(error), { origin }, error);
};

const known: Readonly<Record<string, OutgoingFailureCode>> = {
  ENOTFOUND: 'name_not_found',
  EAI_AGAIN: 'name_unresolved',
  ECONNREFUSED: 'connect_failed',
  EHOSTUNREACH: 'connect_failed',
  ENETUNREACH: 'connect_failed',
  EADDRNOTAVAIL: 'connect_failed',
  EPROTO: 'connect_failed',
  ECONNRESET: 'connection_lost',
  EPIPE: 'connection_lost',
  UND_ERR_SOCKET: 'connection_lost',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'connection_lost',
  ETIMEDOUT: 'timed_out',
  UND_ERR_CONNECT_TIMEOUT: 'timed_out',
  UND_ERR_HEADERS_TIMEOUT: 'timed_out',
  UND_ERR_BODY_TIMEOUT: 'timed_out',
  UND_ERR_HEADERS_OVERFLOW: 'headers_too_large',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'body_too_large',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate_invalid',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate_invalid',
  HOSTNAME_MISMATCH: 'certificate_invalid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate_invalid',
};

const families: readonly (readonly [RegExp, OutgoingFailureCode])[] = [
  [/^(CERT_|CRL_|UNABLE_TO_|ERROR_IN_CERT|INVALID_CA|INVALID_PURPOSE)/, 'certificate_invalid'],
  [/^ERR_(SSL|TLS)_/, 'connect_failed'],
  [/^(HPE_|HTTPParserError)/, 'not_http'],
  // zlib and brotli: the body is not what its Content-Encoding says, or ends too early.
  [/^(Z_|ERR__|ERR_BROTLI|ERR_PADDING|BROTLI)/, 'not_http'],
];

const textIn = (error: unknown, key: 'code' | 'name'): string | undefined => {
  const value = typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[key] : undefined;
  return typeof value === 'string' ? value : undefined;
};

/** The code of an error of Node, OpenSSL, zlib or undici. */
export const failureCode = (error: unknown): OutgoingFailureCode => {
  // undici's parser gives most of its errors a name and no code.
  const code = textIn(error, 'code') ?? textIn(error, 'name') ?? '';
  return known[code] ?? families.find(([family]) => family.test(code))?.[1] ?? 'request_failed';
};
