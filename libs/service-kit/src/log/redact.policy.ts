// Secrets are replaced before a line is written.
const hidden = '[redacted]';

const secret = 'authorization|api[-_]?key|token|secret|passw(?:or)?d|cookie|credential';

// Every repetition is bounded or starts at a quote: the text comes from outside, and the time must stay linear in it.
const text = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`;
const member = new RegExp(
  String.raw`("[^"\\]{0,40}(?:${secret})[^"\\]{0,40}":)\s*(?:${text}|\[(?:\s*${text},?)+\s*\])`,
  'gi',
);
/** The same, in JSON that was logged as text. */
const quotedMember = new RegExp(
  String.raw`(\\"[^"\\]{0,40}(?:${secret})[^"\\]{0,40}\\":\s{0,4}\\")[^"\\]{1,4000}`,
  'gi',
);
const bearer = /\b(bearer )[\w.~+/=-]{6,}/gi;
const urlPassword = /(:\/\/[^\s:@/"\\]{0,100}:)[^\s@/"\\]{1,200}@/g;
const queryParameter = new RegExp(String.raw`([?&;][\w-]{0,40}(?:${secret})[\w-]{0,40}=)[^\s&"\\;]{1,4000}`, 'gi');

// Most lines have nothing to hide: asking once is several times cheaper than replacing five times.
const suspicious = new RegExp(String.raw`${secret}|bearer|:\/\/`, 'i');

/**
 * Hides what must not be read in a log: string values of JSON members whose names speak of secrets, at any depth,
 * bearer tokens, passwords in URLs and secrets in query strings. Numbers stay: `max_tokens` is no secret.
 */
export const redact = (line: string): string => {
  if (!suspicious.test(line)) return line;
  return line
    .replace(member, `$1"${hidden}"`)
    .replace(quotedMember, `$1${hidden}`)
    .replace(bearer, `$1${hidden}`)
    .replace(urlPassword, `$1${hidden}@`)
    .replace(queryParameter, `$1${hidden}`);
};
