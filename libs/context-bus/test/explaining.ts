// What statements cost: the rows that the scans of their plans touched.
import type { Database, Statement } from '@pulser/database';

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly Node[];
}

interface Explained extends Record<string, unknown> {
  readonly 'QUERY PLAN': readonly { readonly Plan: Node }[];
}

const scansOf = (node: Node): Node[] => [
  ...(node['Relation Name'] === undefined ? [] : [node]),
  ...(node.Plans ?? []).flatMap(scansOf),
];

/** Rows that a scan read, kept or not. */
const touchedBy = (scan: Node): number =>
  ((scan['Actual Rows'] ?? 0) + (scan['Rows Removed by Filter'] ?? 0) + (scan['Rows Removed by Index Recheck'] ?? 0)) *
  (scan['Actual Loops'] ?? 0);

type Query = (wanted: Statement, values: readonly unknown[]) => Promise<object[]>;

/** Stands for a database: looks at the plan of each statement, the one that a connection keeps, before it runs it. */
export class Explaining {
  private scans: Node[] = [];

  constructor(private readonly database: Database) {}

  /** To give to a store. */
  get asDatabase(): Database {
    return this as unknown as Database;
  }

  /** Rows that all statements so far have touched. */
  get touched(): number {
    return this.scans.reduce((sum, scan) => sum + touchedBy(scan), 0);
  }

  query(wanted: Statement, values: readonly unknown[] = []): Promise<object[]> {
    return this.explained((text, given) => this.database.query(text, given), wanted, values);
  }

  queryAs(tenantId: string, wanted: Statement, values: readonly unknown[] = []): Promise<object[]> {
    return this.explained((text, given) => this.database.queryAs(tenantId, text, given), wanted, values);
  }

  withTenant<T>(tenantId: string, work: (transaction: object) => Promise<T>): Promise<T> {
    return this.database.withTenant(tenantId, (transaction) =>
      work({
        manager: transaction.manager,
        query: (wanted: Statement, values: readonly unknown[] = []) =>
          this.explained((text, given) => transaction.query(text, given), wanted, values),
      }),
    );
  }

  private async explained(query: Query, wanted: Statement, values: readonly unknown[]): Promise<object[]> {
    const { name, text } = wanted;
    const explain = { ...wanted, name: `explain.${name}`, text: `explain (analyze, format json) ${text}` };
    const [row] = (await query(explain, values)) as Explained[];
    const plan = row?.['QUERY PLAN'][0]?.Plan;
    if (plan === undefined) throw new Error(`There is no plan of ${name}`);
    this.scans.push(...scansOf(plan));
    return query(wanted, values);
  }
}
