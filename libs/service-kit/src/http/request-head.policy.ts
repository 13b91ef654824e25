import { HttpError, isForbiddenName } from '@pulser/contracts';

/** Longest URL, in characters. */
export const maxUrlLength = 4_096;

/** What is looked at before a request gets any further. */
export interface RequestHead {
  readonly url: string;
  readonly query: unknown;
  /** Names and values in turn, as Node keeps them: its object of headers cannot hold every name. */
  readonly rawHeaders: readonly string[];
}

const forbidden = (what: string): HttpError => new HttpError('forbidden_key', { detail: `A ${what} has its name` });

/** Why a request is refused for its URL or its headers, or undefined. */
export const headRefusal = ({ url, query, rawHeaders }: RequestHead): HttpError | undefined => {
  if (url.length > maxUrlLength) return new HttpError('uri_too_long', { detail: `At most ${maxUrlLength} characters` });
  if (rawHeaders.some((name, n) => n % 2 === 0 && isForbiddenName(name))) return forbidden('header');
  return Object.keys(Object(query) as object).some(isForbiddenName) ? forbidden('query parameter') : undefined;
};
