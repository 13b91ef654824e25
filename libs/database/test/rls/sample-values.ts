/** Two tenants, and nobody: rows that belong to the installation. */
export const owners = {
  a: '00000000-0000-7000-8000-000000000a00',
  b: '00000000-0000-7000-8000-000000000b00',
  nobody: null,
} as const;

export type Owner = keyof typeof owners;

/** Makes something for the nth row of an owner. */
export type Made<T> = (owner: Owner, n: number) => T;

const id: Made<string> = (owner, n) => `${(owners[owner] ?? '00000000-0000-7000-8000-000000000f00').slice(0, -1)}${n}`;
const word: Made<string> = (owner, n) => `${owner}-${n}`;
const day: Made<string> = (_, n) => `2026-01-0${n}`;
const number: Made<string> = (_, n) => String(n);

/** A value for a column that must have one, by its type. Keys differ by it, and a row finds by it what it refers to. */
export const byType: Readonly<Record<string, Made<string>>> = {
  uuid: id,
  text: word,
  bytea: word,
  'text[]': () => '{}',
  'uuid[]': () => '{}',
  jsonb: () => '{}',
  boolean: () => 'true',
  date: day,
  'timestamp with time zone': day,
  integer: number,
  bigint: number,
  'double precision': number,
  vector: () => '[1]',
  task_priority: () => 'medium',
};

/** What a constraint of a table asks for beside the columns that must have a value. */
export const besides: Readonly<Record<string, Made<Readonly<Record<string, string>>>>> = {
  content: () => ({ store: 'database' }),
  agent_rollup: () => ({ level: 'day' }),
  audit_entry: () => ({ outcome: 'done' }),
  task_queue: () => ({ due_at: 'now' }),
  // Without a task there is a message.
  dead_letter: (owner, n) =>
    owner === 'nobody' ? { body: 'raw', burial_key: word(owner, n) } : { task_id: id(owner, n) },
  session: (owner, n) => ({ subject: word(owner, n), role: 'viewer', made_by: 'oidc' }),
  // Twelve bytes.
  tenant_secret: (owner, n) => ({ name: word(owner, n), nonce: `${owner === 'a' ? 'a' : 'b'}-secret-va${n}` }),
  spend_budget: () => ({ scope: 'task' }),
  destination: (owner, n) => ({ name: word(owner, n), kind: 'email' }),
  hook: (owner, n) => ({ name: word(owner, n), source: 'request', address: word(owner, n) }),
  // Without a task there is a reason.
  hook_firing: () => ({ reason: 'error' }),
  notification: () => ({ kind: 'report' }),
  schedule: (owner, n) => ({ name: word(owner, n) }),
  schedule_fire: () => ({ state: 'skipped' }),
  task_pause: (owner, n) => ({ agent_name: word(owner, n) }),
  task_wait: () => ({ kind: 'time' }),
  approval_decision: () => ({ verdict: 'approved' }),
  tool_call: () => ({ outcome: 'done' }),
};
