/**
 * The agents of an installation. An operator admits a name with its task types; the workers of that agent register what
 * they can do, once for each version of their code. Gateway and router read it as one table: see task-types.ts.
 */
import { createHash, randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import {
  type AgentName,
  AgentRegistration,
  builtInAgents,
  builtInOwnerOf,
  builtInTaskTypes,
  type FieldProblem,
  fieldProblems,
  maxTaskTypes,
  type TaskType,
} from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { type Judgements, readJudgements } from './health-snapshot.js';

const tokenPrefix = 'pulser_agent_';

/** SHA-256: enough for a secret of 256 random bits. */
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

const admit = statement(
  'agents.admit',
  `with agent as (
     insert into admitted_agent as a (agent_name, token_hash) values ($1, $2)
     on conflict (agent_name) do update set token_hash = excluded.token_hash, admitted_at = now(), revoked_at = null
     returning agent_name
   )
   insert into admitted_task_type (task_type, agent_name, is_owner)
   select t.task_type, agent_name, t.is_owner from agent, unnest($3::text[], $4::bool[]) as t(task_type, is_owner)
   on conflict (task_type, agent_name) do update set is_owner = excluded.is_owner
   returning task_type`,
);

const revoke = statement(
  'agents.revoke',
  `update admitted_agent set revoked_at = now(), token_hash = null
   where agent_name = $1 and token_hash is not null returning agent_name`,
);

const revoked = statement(
  'agents.revoked',
  'select agent_name as agent from admitted_agent where revoked_at is not null order by agent_name',
);

const admitted = statement(
  'agents.admitted',
  `select task_type as "taskType", agent_name as agent, is_owner as "isOwner" from admitted_task_type
   order by task_type, is_owner desc, agent_name`,
);

// Only what an operator admitted, and only with its token: so nobody takes over an agent or a task type of another one.
const register = statement(
  'agents.register',
  `with allowed as (
     select agent_name from admitted_agent a where agent_name = $1 and revoked_at is null
       and a.token_hash is not distinct from $2::bytea
       and not exists (select from unnest($3::text[]) as t(task_type) where not exists (
         select from admitted_task_type m where m.agent_name = $1 and m.task_type = t.task_type))
   ), stale as (
     delete from agent_registration r using allowed where r.agent_name = $1 and r.version <> $4
       and r.last_seen_at < now() - interval '1 day'
   )
   insert into agent_registration as r (agent_name, version, registration)
   select agent_name, $4, $5::jsonb from allowed
   on conflict (agent_name, version) do update set last_seen_at = now(),
     registered_at = case when r.registration = excluded.registration then r.registered_at else now() end,
     registration = excluded.registration
   returning agent_name`,
);

const seen = statement(
  'agents.seen',
  `update agent_registration set last_seen_at = now() where agent_name = $1 and version = $2`,
);

const versions = statement(
  'agents.versions',
  `select agent_name as name, version, registered_at as "registeredAt", last_seen_at as "lastSeenAt",
     last_seen_at > now() - interval '1 minute' as "isLive"
   from agent_registration order by agent_name, last_seen_at desc, version desc`,
);

const registrations = statement(
  'agents.registrations',
  `select r.agent_name as name, r.version, r.registration
   from agent_registration r join unnest($1::text[], $2::text[]) as w(agent_name, version) using (agent_name, version)`,
);

/** One version of an agent. */
export interface AgentVersion {
  readonly name: AgentName;
  readonly version: string;
  readonly registeredAt: Date;
  readonly lastSeenAt: Date;
  /** Whether one of its workers was heard of within the last minute. */
  readonly isLive: boolean;
}

/** One version of an agent with all that it said of itself. */
export interface RegisteredAgent extends AgentVersion {
  readonly registration: AgentRegistration;
}

export interface AdmittedTaskType {
  readonly taskType: TaskType;
  readonly agent: AgentName;
  /** False: a back-up of the owner. */
  readonly isOwner: boolean;
}

/** A worker presented no token, a wrong one, or task types that its agent was not admitted for. */
export class AgentNotAdmitted extends Error {
  /** The remedy, printed by a worker that cannot start. */
  readonly startHint: string;

  constructor(agent: AgentName, taskTypes: readonly TaskType[]) {
    super(
      `the agent ${agent} is not admitted with the task types ${taskTypes.join(', ')}, or AGENT_TOKEN is not its token`,
    );
    this.name = 'AgentNotAdmitted';
    this.startHint = `\`npm run pulser -- agents admit ${agent} --types ${taskTypes.join(',')}\` prints one`;
  }
}

/** What a worker says of itself is beyond the bounds of a registration. */
export class RegistrationInvalid extends Error {
  readonly startHint = 'correct what the agent registers';

  constructor(problems: readonly FieldProblem[]) {
    super(`the registration is wrong at ${problems.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ')}`);
    this.name = 'RegistrationInvalid';
  }
}

/** An operator asked for a name or a task type that is not free. */
export class AdmissionRefused extends Error {}

export interface AgentAdmission {
  readonly agent: AgentName;
  /** Task types that it owns. */
  readonly types: readonly TaskType[];
  /** Task types of other agents that it can run while those fail. */
  readonly backsUp: readonly TaskType[];
}

/** Who may register, and who has. Writing needs the service role. */
@Injectable()
export class Agents {
  constructor(private readonly database: Database) {}

  /**
   * Lets an agent from outside register. Again for the same name: a new token, and more task types.
   * @returns the token, which is shown this once @throws AdmissionRefused
   */
  async admit(admission: AgentAdmission): Promise<string> {
    refuse(admission, await this.admitted());
    const token = tokenPrefix + randomBytes(32).toString('base64url');
    await this.write(admission, hashOf(token));
    return token;
  }

  /** Its workers cannot register any more; what they registered stays known. @returns false when there is none */
  async revoke(agent: AgentName): Promise<boolean> {
    return (await this.database.query(revoke, [agent])).length > 0;
  }

  /** Agents that are revoked and were not admitted again. Needs the service role. */
  async revoked(): Promise<AgentName[]> {
    return (await this.database.query<{ agent: AgentName }>(revoked)).map(({ agent }) => agent);
  }

  admitted(): Promise<AdmittedTaskType[]> {
    return this.database.query<AdmittedTaskType>(admitted);
  }

  /** Those of the task types that neither come with Pulser nor were admitted: most likely a slip of the pen. */
  async unknownTypes(types: readonly TaskType[]): Promise<TaskType[]> {
    const outside = types.filter((type) => !builtInTaskTypes.includes(type));
    if (outside.length === 0) return [];
    const known = new Set((await this.admitted()).map(({ taskType }) => taskType));
    return outside.filter((type) => !known.has(type));
  }

  /**
   * @param token of an agent from outside; one that comes with Pulser needs none
   * @throws AgentNotAdmitted, RegistrationInvalid; AdmissionRefused when a built-in agent finds its task type taken
   */
  async register(registration: AgentRegistration, token?: string): Promise<void> {
    const { agent, version, task_types } = checked(registration);
    const types = task_types.map(({ task_type }) => task_type);
    const isBuiltIn = builtInAgents.includes(agent);
    if (isBuiltIn) await this.write(builtIn(agent, types), undefined);
    const tokenHash = isBuiltIn || token === undefined ? null : hashOf(token);
    const values = [agent, tokenHash, types, version, JSON.stringify(registration)];
    if ((await this.database.query(register, values)).length === 0) throw new AgentNotAdmitted(agent, types);
  }

  /** A worker of this version lives. */
  async seen(agent: AgentName, version: string): Promise<void> {
    await this.database.query(seen, [agent, version]);
  }

  /** The version of an agent that was seen last first. */
  versions(): Promise<AgentVersion[]> {
    return this.database.query<AgentVersion>(versions);
  }

  /** What the health services say of agents. */
  judgements(): Promise<Judgements> {
    return readJudgements(this.database);
  }

  /** What these versions said of themselves; one that is gone meanwhile is left out. */
  async withRegistrations(wanted: readonly AgentVersion[]): Promise<RegisteredAgent[]> {
    if (wanted.length === 0) return [];
    const values = [wanted.map(({ name }) => name), wanted.map(({ version }) => version)];
    const rows = await this.database.query<Pick<RegisteredAgent, 'name' | 'version' | 'registration'>>(
      registrations,
      values,
    );
    return wanted.flatMap((agent) => {
      const row = rows.find(({ name, version }) => name === agent.name && version === agent.version);
      return row === undefined ? [] : [{ ...agent, registration: row.registration }];
    });
  }

  private async write({ agent, types, backsUp }: AgentAdmission, tokenHash: Buffer | undefined): Promise<void> {
    const rows = new Map([
      ...backsUp.map((type) => [type, false] as const),
      ...types.map((type) => [type, true] as const),
    ]);
    try {
      await this.database.query(admit, [agent, tokenHash ?? null, [...rows.keys()], [...rows.values()]]);
    } catch (error) {
      // Another admission took one of the types since they were read.
      if (!isUniqueViolation(error)) throw error;
      throw new AdmissionRefused(`One of the task types ${types.join(', ')} belongs to another agent`, {
        cause: error,
      });
    }
  }
}

const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '23505';

/** @throws RegistrationInvalid */
const checked = (registration: AgentRegistration): AgentRegistration => {
  const parsed = AgentRegistration.safeParse(registration);
  if (parsed.success) return parsed.data;
  throw new RegistrationInvalid(fieldProblems(parsed.error));
};

/** An agent that comes with Pulser owns its own task types, and backs up those of the others that it can run. */
const builtIn = (agent: AgentName, types: readonly TaskType[]): AgentAdmission => {
  const owns = (type: TaskType): boolean => (builtInOwnerOf(type) ?? agent) === agent;
  return { agent, types: types.filter(owns), backsUp: types.filter((type) => !owns(type)) };
};

/** @throws AdmissionRefused */
const refuse = (admission: AgentAdmission, admitted: readonly AdmittedTaskType[]): void => {
  const { agent, types, backsUp } = admission;
  if (builtInAgents.includes(agent)) throw new AdmissionRefused(`${agent} is an agent that comes with Pulser`);
  const owners = new Map(admitted.filter(({ isOwner }) => isOwner).map((one) => [one.taskType, one.agent]));
  refuseTaken(admission, owners);
  const known = new Set([...builtInTaskTypes, ...admitted.map(({ taskType }) => taskType), ...types]);
  const unknown = backsUp.find((type) => !known.has(type));
  if (unknown !== undefined) throw new AdmissionRefused(`There is no task type ${unknown} to back up`);
  if (known.size > maxTaskTypes) throw new AdmissionRefused(`An installation has at most ${maxTaskTypes} task types`);
};

/** @throws AdmissionRefused */
const refuseTaken = ({ agent, types, backsUp }: AgentAdmission, owners: ReadonlyMap<TaskType, AgentName>): void => {
  for (const type of types) {
    const owner = owners.get(type);
    if (builtInTaskTypes.includes(type) || (owner !== undefined && owner !== agent))
      throw new AdmissionRefused(`The task type ${type} belongs to ${owner ?? 'an agent that comes with Pulser'}`);
  }
  const own = backsUp.find((type) => types.includes(type) || owners.get(type) === agent);
  if (own !== undefined) throw new AdmissionRefused(`${agent} owns ${own}, so it cannot back it up`);
};
