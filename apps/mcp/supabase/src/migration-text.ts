// The text of a migration, read by PostgreSQL's own parser before it runs.
import { ToolError } from '@pulser/mcp-server-kit';

export interface MigrationText {
  /** `CreateStmt`, `AlterTableStmt`: as PostgreSQL calls them. */
  readonly kinds: string[];
  readonly texts: string[];
}

// With one of these the SQL would end the transaction, and with it the dry run.
const forbidden = new Set(['TransactionStmt']);

interface ParsedStatement {
  readonly stmt?: object;
  readonly stmt_location?: number;
  readonly stmt_len?: number;
}

// Places are in bytes; the last statement has no length.
const textOf = (sql: Buffer, { stmt_location: at = 0, stmt_len: length }: ParsedStatement): string =>
  sql
    .subarray(at, length === undefined || length === 0 ? sql.length : at + length)
    .toString('utf8')
    .trim();

/** @throws ToolError invalid_args when it cannot be parsed, has no statement, or begins or ends a transaction */
export const checkedMigration = async (sql: string): Promise<MigrationText> => {
  // Of 2 MB, for this tool alone.
  const { parse } = await import('libpg-query');
  const parsed = await parse(sql).catch((error: unknown) => {
    throw new ToolError('invalid_args', `The SQL cannot be read: ${(error as Error).message}`);
  });
  const statements: readonly ParsedStatement[] = parsed.stmts ?? [];
  const kinds = statements.map(({ stmt }) => Object.keys(stmt ?? {})[0] ?? 'unknown');
  if (kinds.length === 0) throw new ToolError('invalid_args', 'The SQL has no statement');
  const bad = kinds.find((kind) => forbidden.has(kind));
  if (bad !== undefined)
    throw new ToolError('invalid_args', 'A migration is one transaction: leave out begin, commit and rollback');
  const bytes = Buffer.from(sql);
  return { kinds, texts: statements.map((statement) => textOf(bytes, statement)) };
};
