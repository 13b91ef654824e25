/** What may be told about a request. Never its path, query or headers, where secrets are, nor an address that a name has. */
export interface OutgoingFacts {
  /** Scheme, host and port. */
  readonly origin?: string;
  /** The limit that was passed, with its unit. */
  readonly limit?: string;
  /** Name of the header or of the encoding. */
  readonly name?: string;
}

/** One line for people: the title of a code and what is known. */
export const sentence = (title: string, { origin, limit, name }: OutgoingFacts): string => {
  const known = [origin, name, limit && `limit ${limit}`].filter((fact) => fact !== undefined && fact !== '');
  return known.length === 0 ? title : `${title} (${known.join(', ')})`;
};
