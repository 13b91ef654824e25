import { extraPolicies, type ExtraPolicy } from './deliberate.js';
import type { SampleTable } from './sample-table.js';
import { type Owner, owners } from './sample-values.js';

type Role = 'pulser_app' | 'pulser_service' | 'pulser_mcp' | 'pulser_owner';

type Settings = Readonly<Record<string, string>>;

interface Context {
  readonly name: string;
  readonly settings: Settings;
  readonly roles?: readonly Role[];
  readonly bound?: Owner;
  /** Tenant that the transaction is bound to for good, which counts for pulser_mcp. */
  readonly binding?: string;
  /** How everything ends. */
  readonly fails?: string;
}

/** One attempt on a table with rows of several owners in it, and what must come of it. */
export interface Cell {
  readonly name: string;
  readonly settings: Settings;
  readonly binding: string | undefined;
  readonly attempt: string;
  /** Owners whose rows are seen, made, changed or deleted; or how it ends otherwise. */
  readonly expected: string;
}

const setting = (tenant: string): Settings => ({ 'app.tenant_id': tenant });

const claim = (tenant: string): Settings => ({
  'request.jwt.claims': JSON.stringify({ app_metadata: { tenant_id: tenant } }),
});

const contexts: readonly Context[] = [
  // It comes first: after a transaction that had a setting, that reads '' and not null.
  { name: 'no tenant', settings: {}, roles: ['pulser_app', 'pulser_service', 'pulser_owner'] },
  { name: 'tenant a', settings: setting(owners.a), bound: 'a' },
  { name: 'an empty tenant', settings: setting('') },
  { name: 'an unknown tenant', settings: setting('00000000-0000-7000-8000-000000000c00') },
  { name: 'a tenant that is no uuid', settings: setting('acme'), fails: 'no uuid' },
  { name: 'tenant b', settings: setting(owners.b), bound: 'b' },
  { name: 'a claim of a', settings: { ...setting(''), ...claim(owners.a) }, bound: 'a' },
  { name: 'tenant b with a claim of a', settings: { ...setting(owners.b), ...claim(owners.a) }, bound: 'b' },
];

const tools = ['pulser_mcp'] as const;

// Bound to a tenant, it may say what it wants.
const contextsOfTools: readonly Context[] = [
  { name: 'no tenant', settings: {}, roles: tools },
  { name: 'tenant a, bound to none', settings: setting(owners.a), roles: tools },
  { name: 'tenant a', settings: setting(owners.a), binding: owners.a, roles: tools, bound: 'a' },
  { name: 'tenant b, bound to a', settings: setting(owners.b), binding: owners.a, roles: tools },
  {
    name: 'a claim of b, bound to a',
    settings: { ...setting(''), ...claim(owners.b) },
    binding: owners.a,
    roles: tools,
  },
  { name: 'no tenant, bound to a', settings: setting(''), binding: owners.a, roles: tools },
];

/** Whether it is one of the tables that pulser_mcp reads. */
export const isOfTools = (table: string): boolean =>
  extraPolicies.some((policy) => policy.table === table && policy.to === 'pulser_mcp');

const contextsOf = ({ name }: SampleTable): readonly Context[] =>
  isOfTools(name) ? [...contexts, ...contextsOfTools] : contexts;

const extras = ({ name }: SampleTable, role: Role, command: ExtraPolicy['command']): readonly ExtraPolicy[] =>
  extraPolicies.filter(
    (policy) => policy.table === name && policy.command === command && ['public', role].includes(policy.to),
  );

/** Whether a policy lets the role do it whosever the row is. */
const mayAll = (table: SampleTable, role: Role, command: ExtraPolicy['command']): boolean =>
  role === 'pulser_service' || extras(table, role, command).some(({ using, check }) => (using ?? check) === 'true');

/** Whose rows a statement without a condition reaches. */
const reached = (table: SampleTable, role: Role, command: 'select' | 'delete', bound?: Owner): string => {
  const all = mayAll(table, role, command);
  const nobodys = extras(table, role, command).some(({ using }) => using === '(tenant_id IS NULL)');
  return table.owners.filter((owner) => all || owner === bound || (nobodys && owner === 'nobody')).join(' ');
};

// The second row of a tenant that may have one passes the policies, and is stopped by the key.
const made = (table: SampleTable, role: Role, owner: Owner, bound?: Owner): string => {
  const mayNobodys = extras(table, role, 'insert').some(({ check }) => check === '(tenant_id IS NULL)');
  if (owner !== bound && !mayAll(table, role, 'insert') && !(owner === 'nobody' && mayNobodys)) return 'refused';
  return table.single ? 'a key stops it' : owner;
};

type Tried = readonly [attempt: string, expected: string];

/** Whether a policy lets the role lock rows, which counts as an update, and change none. */
const mayLock = (table: SampleTable, role: Role): boolean =>
  extras(table, role, 'update').some(({ check }) => check === 'false');

const updated = (table: SampleTable, role: Role, bound?: Owner): Tried[] => {
  if (mayLock(table, role)) return [[`update ${table.name} set tenant_id = tenant_id`, 'refused']];
  // Handed over to one owner, the keys of all rows would meet.
  if (mayAll(table, role, 'update'))
    return [[`update ${table.name} set tenant_id = tenant_id`, table.owners.join(' ')]];
  return table.owners.map((owner) => [
    `update ${table.name} set tenant_id = ${owners[owner] === null ? 'null' : `'${owners[owner]}'`}`,
    bound === undefined || bound === owner ? (bound ?? '') : 'refused',
  ]);
};

// No statement of a role that is bound has a condition or reads a column that it changes: nothing but the policies of its command hold it.
const tried = (table: SampleTable, role: Role, bound?: Owner): Tried[] => [
  [`select tenant_id from ${table.name}`, reached(table, role, 'select', bound)],
  [`delete from ${table.name}`, reached(table, role, 'delete', bound)],
  ...table.owners.map((owner): Tried => [table.insert(owner, 2), made(table, role, owner, bound)]),
  ...updated(table, role, bound),
];

/** Every command on a table, as each role and tenant. */
export const cellsOf = (table: SampleTable): Cell[] =>
  contextsOf(table).flatMap(({ name, settings, roles = ['pulser_app'], bound, binding, fails }) =>
    roles.flatMap((role) =>
      tried(table, role, bound).map(([attempt, expected]) => ({
        name: `${role} with ${name}`,
        settings: { ...settings, role },
        binding,
        attempt,
        expected: fails ?? expected,
      })),
    ),
  );
