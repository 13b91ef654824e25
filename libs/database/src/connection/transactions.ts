import type { Call, Session } from './session.js';
import { statement } from './statement.js';

// The role is set too: where the session's own role may see every tenant, this transaction may not.
const bind = statement(
  'transaction.bind',
  `select set_config('role', 'pulser_app', true), set_config('app.tenant_id', $1, true)`,
);

const planOnce = statement('transaction.plan-once', `select set_config('plan_cache_mode', 'force_generic_plan', true)`);

/** A transaction of several statements, bound to a tenant. */
export const transaction = async <T>(session: Session, tenantId: string, work: () => Promise<T>): Promise<T> => {
  try {
    // What opens it travels with the first statement. When it fails, so does all that comes after it: a broken
    // transaction answers nothing else.
    const opened = [session.command('begin'), session.query({ wanted: bind, values: [tenantId] })];
    const [result] = await Promise.all([work(), ...opened]);
    await session.command('commit');
    return result;
  } catch (error) {
    // On a broken connection this fails too; the first error is the one to tell.
    await session.command('rollback').catch(() => undefined);
    throw error;
  }
};

/** A transaction of one statement. @param tenantId undefined where the statement is nobody's alone @returns the rows */
export const single = <Row extends object>(session: Session, call: Call, tenantId?: string): Promise<Row[]> =>
  session.query<Row>(call, [
    ...(tenantId === undefined ? [] : [{ wanted: bind, values: [tenantId] }]),
    ...(call.wanted.genericPlan === true ? [{ wanted: planOnce }] : []),
  ]);
