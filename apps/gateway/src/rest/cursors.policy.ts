// Pages of a list: a cursor marks the last row that the client has seen.
import { HttpError } from '@pulser/contracts';

// What follows the prefix may change with it; clients send back what they got.
const prefix = 'v1:';
const shape = /^v1:([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;

/** Opaque mark of a row. */
export const cursorAfter = (id: string): string => Buffer.from(prefix + id).toString('base64url');

/** The id in a cursor; undefined when this API did not make it. */
export const idOfCursor = (cursor: string): string | undefined =>
  shape.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1];

/** The id after which a page begins; undefined for the first page. @throws HttpError `invalid_request` */
export const startOfPage = (cursor: string | undefined): string | undefined => {
  if (cursor === undefined) return undefined;
  const id = idOfCursor(cursor);
  if (id !== undefined) return id;
  const detail = 'Not a cursor of this API: send `next_cursor` as it came, or none for the first page';
  throw new HttpError('invalid_request', { errors: [{ pointer: '/cursor', detail }] });
};

/** The cursor of the next page; null when this page is not full, and so the last one. */
export const nextCursor = <Row>(rows: readonly Row[], limit: number, idOf: (row: Row) => string): string | null => {
  const last = rows.length < limit ? undefined : rows.at(-1);
  return last === undefined ? null : cursorAfter(idOf(last));
};
