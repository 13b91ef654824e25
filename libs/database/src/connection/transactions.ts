import type { Session } from './session.js';
import { statement, type Statement } from './statement.js';

// The role is set too: where the session's own role may see every tenant, this transaction may not.
const bind = statement(
  'transaction.bind',
  `select set_config('role', 'pulser_app', true), set_config('app.tenant_id', $1, true)`,
);

const planOnce = statement('transaction.plan-once', `select set_config('plan_cache_mode', 'force_generic_plan', true)`);

export interface SingleStatement {
  readonly wanted: Statement;
  readonly values: readonly unknown[];
  /** Undefined where the statement is nobody's alone. */
  readonly tenantId?: string;
}

/** A transaction bound to a tenant. */
export const transaction = async <T>(session: Session, tenantId: string, work: () => Promise<T>): Promise<T> => {
  try {
    // What opens it travels with the first statement. When it fails, so does all that comes after it: a broken
    // transaction answers nothing else.
    const [, , result] = await Promise.all([session.command('begin'), session.query(bind, [tenantId]), work()]);
    await session.command('commit');
    return result;
  } catch (error) {
    // On a broken connection this fails too; the first error is the one to tell.
    await session.command('rollback').catch(() => undefined);
    throw error;
  }
};

/** A transaction of one statement, in one round trip. @returns the rows */
export const single = async <Row extends object>(
  session: Session,
  { wanted, values, tenantId }: SingleStatement,
): Promise<Row[]> => {
  const opened = [
    session.command('begin'),
    ...(tenantId === undefined ? [] : [session.query(bind, [tenantId])]),
    ...(wanted.forAnyValues === true ? [session.query(planOnce)] : []),
  ];
  const answered = session.query<Row>(wanted, values);
  // After a statement that failed it rolls back.
  const ended = session.command('commit');
  const outcomes = await Promise.allSettled([...opened, answered, ended]);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return answered;
};
