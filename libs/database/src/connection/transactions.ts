import type { Call, Session } from './session.js';
import { statement } from './statement.js';

// The role is set too: where the session's own role may see every tenant, this transaction may not.
const bind = statement(
  'transaction.bind',
  `select set_config('role', 'pulser_app', true), set_config('app.tenant_id', $1, true)`,
);

const planOnce = statement('transaction.plan-once', `select set_config('plan_cache_mode', 'force_generic_plan', true)`);

const relax = statement('transaction.relax', `select set_config('synchronous_commit', 'off', true)`);

export interface TransactionOptions {
  /** Undefined where a statement is nobody's alone. */
  readonly tenantId?: string;
  /** Its commit does not wait for the disk. */
  readonly relaxed: boolean;
}

// Set in the transaction and not for the connection: a pooler may give each transaction another connection.
const settings = ({ tenantId, relaxed }: TransactionOptions): Call[] => [
  ...(tenantId === undefined ? [] : [{ wanted: bind, values: [tenantId] }]),
  ...(relaxed ? [{ wanted: relax }] : []),
];

/** A transaction of several statements. */
export const transaction = async <T>(
  session: Session,
  options: TransactionOptions,
  work: () => Promise<T>,
): Promise<T> => {
  try {
    // What opens it travels with the first statement. When it fails, so does all that comes after it: a broken
    // transaction answers nothing else.
    const opened = [session.command('begin'), ...settings(options).map((call) => session.query(call))];
    const [result] = await Promise.all([work(), ...opened]);
    await session.command('commit');
    return result;
  } catch (error) {
    // On a broken connection this fails too; the first error is the one to tell.
    await session.command('rollback').catch(() => undefined);
    throw error;
  }
};

/** A transaction of one statement. @returns the rows */
export const single = <Row extends object>(session: Session, options: TransactionOptions, call: Call): Promise<Row[]> =>
  session.query<Row>(call, [
    ...settings(options),
    ...(call.wanted.forAnyValues === true ? [{ wanted: planOnce }] : []),
  ]);
