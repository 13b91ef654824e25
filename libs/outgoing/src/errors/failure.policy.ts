import type { OutgoingFailureCode } from './codes.js';

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

/** The code of whatever Node, OpenSSL, zlib or undici threw. */
export const failureCode = (error: unknown): OutgoingFailureCode => {
  // undici's parser gives most of its errors a name and no code.
  const code = textIn(error, 'code') ?? textIn(error, 'name') ?? '';
  return known[code] ?? families.find(([family]) => family.test(code))?.[1] ?? 'request_failed';
};
