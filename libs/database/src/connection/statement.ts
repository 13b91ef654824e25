/** A statement with a name, so that a connection parses and plans it once. The name must be unique in the process. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export const statement = (name: string, text: string): Statement => ({ name, text });
