// What the audit of a database has of the calls of servers whose effects are counted.
import type pg from 'pg';

type Query = <Row extends pg.QueryResultRow>(text: string) => Promise<Row[]>;

/** Milliseconds since the epoch, by the reference of a call. */
export type TimesOfCalls = ReadonlyMap<string, number>;

interface Row {
  readonly ref: string;
  readonly at: number;
}

const ms = (value: string): string => `(extract(epoch from ${value}) * 1000)::float8`;

const writes = `select arguments ->> 'ref' as ref, ${ms('min(at)')} as at from tool_call
  where flag in ('write', 'destructive') and arguments ? 'ref' group by 1`;

const reads = `select arguments ->> 'ref' as ref, ${ms(`min(at + duration_ms * interval '1 millisecond')`)} as at
  from tool_call where flag = 'read' and outcome = 'done' and arguments ? 'ref' group by 1`;

const timesOf = async (query: Query, text: string): Promise<TimesOfCalls> =>
  new Map((await query<Row & pg.QueryResultRow>(text)).map(({ ref, at }) => [ref, at]));

/** When each call that changes something began that the audit has. Needs a login that sees all tenants. */
export const auditedWrites = (query: Query): Promise<TimesOfCalls> => timesOf(query, writes);

/** When each read was answered that the audit has. Needs a login that sees all tenants. */
export const auditedReads = (query: Query): Promise<TimesOfCalls> => timesOf(query, reads);

/** Calls that a coordinator could not write down, by the text of its /metrics. */
export const unrecordedIn = (metrics: string): number =>
  Number(/^pulser_tool_calls_unrecorded_total\S* (\d+)/m.exec(metrics)?.[1] ?? 0);
