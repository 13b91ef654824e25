/** A statement with a name, so that a connection parses and plans it once. The name must be unique in the process. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /**
   * Whether one plan does for all values. Without it PostgreSQL plans anew where the values at hand promise a cheaper
   * plan; over partitions that costs more than it saves.
   */
  readonly genericPlan?: boolean;
}

export const statement = (name: string, text: string, options: Pick<Statement, 'genericPlan'> = {}): Statement => ({
  name,
  text,
  ...options,
});
