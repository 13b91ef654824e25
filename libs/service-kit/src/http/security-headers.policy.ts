/** How a request came in, as far as its answer's headers depend on it. */
export interface Arrival {
  /** `https` when the client spoke TLS, to us or to a trusted proxy. */
  readonly protocol: string;
}

// Nothing of an API is a document; who serves a page says what that page may load.
const contentSecurityPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const noFeature = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb']
  .map((feature) => `${feature}=()`)
  .join(', ');

const always: Readonly<Record<string, string>> = {
  // Answers belong to one tenant. A route whose answers may be kept says so itself.
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

// Two years, in seconds. Not for subdomains: those are not ours to promise for.
const onTls = { ...always, 'strict-transport-security': 'max-age=63072000' };

/** Pairs are made once: objects would be taken apart for every answer. */
const pairs = { always: Object.entries(always), onTls: Object.entries(onTls) };

/** Names and values of headers of every answer: https://owasp.org/www-project-secure-headers/. Browsers ignore HSTS without TLS. */
export const securityHeaders = ({ protocol }: Arrival): readonly (readonly [string, string])[] =>
  protocol === 'https' ? pairs.onTls : pairs.always;
