// What the headers of an upload say of it: its format, and its hash.
import { HttpError } from '@pulser/contracts';

// https://www.iana.org/assignments/media-types
const formats: Readonly<Record<string, string>> = {
  'text/csv': 'csv',
  'text/tab-separated-values': 'csv',
  'application/json': 'json',
  'application/ndjson': 'ndjson',
  'application/x-ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/vnd.apache.parquet': 'parquet',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
};

/** What programs send that know nothing of the file; the media type of parts of uploads says nothing of it either. */
const saysNothing = new Set(['', 'application/x-www-form-urlencoded', 'application/partial-upload']);

const unknownType = 'application/octet-stream';

/** The media type without its parameters, in small letters. */
export const mediaTypeOf = (contentType: string | undefined): string => {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return saysNothing.has(type) || !/^[\x21-\x7e]{3,200}$/.test(type) ? unknownType : type;
};

/** The format that a media type names; undefined: it is to be found in the file. */
export const formatOf = (mediaType: string): string | undefined =>
  Object.hasOwn(formats, mediaType) ? formats[mediaType] : undefined;

// RFC 9530: a dictionary of algorithms with byte sequences.
const sha256Member = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*(?:,|$)/;

/**
 * The SHA-256 of a Content-Digest header (RFC 9530); undefined without the header.
 * @throws HttpError `invalid_request` when it has none
 */
export const digestOf = (header: string | undefined): Buffer | undefined => {
  if (header === undefined) return undefined;
  const [, base64] = sha256Member.exec(header) ?? [];
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  const detail = 'Must have a SHA-256, as in `sha-256=:<44 characters of base64>:`';
  throw new HttpError('invalid_request', { errors: [{ pointer: '/Content-Digest', detail }] });
};

const wholeNumber = /^\d{1,15}$/;

/** Where a part of an upload begins. @throws HttpError `invalid_request` */
export const offsetOf = (header: string | undefined): number => {
  if (header !== undefined && wholeNumber.test(header)) return Number(header);
  const detail = 'Must be the number of bytes that were received before';
  throw new HttpError('invalid_request', { errors: [{ pointer: '/Upload-Offset', detail }] });
};

/** Whether a part is the last one: a boolean of RFC 9651, true without the header. @throws HttpError `invalid_request` */
export const isLastPart = (header: string | undefined): boolean => {
  if (header === undefined || header === '?1') return true;
  if (header === '?0') return false;
  throw new HttpError('invalid_request', { errors: [{ pointer: '/Upload-Complete', detail: 'Must be ?1 or ?0' }] });
};
