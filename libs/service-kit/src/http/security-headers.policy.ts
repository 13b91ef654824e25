// The security headers of every answer.
/** The part of a request that the headers of its answer depend on. */
export interface Arrival {
  /** `https` when the client spoke TLS, to us or to a trusted proxy. */
  readonly protocol: string;
}

// An API serves no documents; a route that serves a page sets its own policy.
const contentSecurityPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const noFeature = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb']
  .map((feature) => `${feature}=()`)
  .join(', ');

const always: Readonly<Record<string, string>> = {
  // Answers belong to one tenant. A route whose answers may be cached sets its own header.
  'cache-control': 'no-store',
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': noFeature,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
};

// Two years, in seconds. Without includeSubDomains: Pulser does not control them.
const onTls = { ...always, 'strict-transport-security': 'max-age=63072000' };

// Made once: converting the object for every answer would cost more.
const pairs = { always: Object.entries(always), onTls: Object.entries(onTls) };

/** Names and values of headers of every answer: https://owasp.org/www-project-secure-headers/. Browsers ignore HSTS without TLS. */
export const securityHeaders = ({ protocol }: Arrival): readonly (readonly [string, string])[] =>
  protocol === 'https' ? pairs.onTls : pairs.always;
