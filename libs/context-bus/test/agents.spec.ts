import { type AgentRegistration, builtInTaskTypes, maxTaskTypes } from '@pulser/contracts';

import {
  AdmissionRefused,
  type AgentAdmission,
  AgentNotAdmitted,
  Agents,
  DispatchPort,
  TaskTypes,
} from '../src/index.js';
import { intakeOver, operatorOf, registration as dash, TaskLife } from './task-life.js';

/** What version `version` of an agent says of itself; `greet` takes a name of this type. */
const registrationOf = (
  agent: string,
  version: string,
  types: readonly string[],
  name = 'string',
): AgentRegistration => ({
  agent,
  version,
  task_types: types.map((task_type) => ({ task_type })),
  operations: types.map((task_type) => ({
    task_type,
    operation: 'greet',
    summary: 'Greets',
    input_schema: { type: 'object', properties: { operation: { const: 'greet' }, name: { type: name } } },
    example: { operation: 'greet' },
  })),
});

class Unheard extends DispatchPort {
  override submitted(): void {}
}

describe('an agent from outside', () => {
  let life: TaskLife;
  let agents: Agents;
  let token: string;
  let names = 0;
  /** An agent that was admitted for the type of its name, and one more that it may back up. */
  let greeter: string;

  beforeAll(async () => {
    life = await TaskLife.start();
    agents = new Agents(life.database);
  });

  beforeEach(async () => {
    greeter = `greeter_${String(names++)}`;
    token = await agents.admit({ agent: greeter, types: [greeter], backsUp: ['testing'] });
  });

  afterAll(() => life.stop());

  const admit = (admission: Partial<AgentAdmission>): Promise<string> =>
    agents.admit({ agent: `other_${String(names++)}`, types: [], backsUp: [], ...admission });

  const register = (change: Partial<AgentRegistration> = {}, by: string | undefined = token): Promise<void> =>
    agents.register({ ...registrationOf(greeter, '1', [greeter]), ...change }, by);

  const served = async (type = greeter) => (await new TaskTypes(agents).current()).get(type);

  /** The version was seen last so long ago. */
  const unseen = (version: string, interval: string): Promise<unknown[]> =>
    life.server.query(
      'update agent_registration set last_seen_at = now() - $3::interval where agent_name = $1 and version = $2',
      [greeter, version, interval],
    );

  const accepts = async (name: unknown): Promise<boolean> => {
    const submit = { task_type: greeter, priority: 'medium' as const, payload: { operation: 'greet', name } };
    const intake = intakeOver(life.database, new Unheard());
    const [outcome] = await intake.submit(operatorOf(life.tenantId), [{ submit }]);
    return outcome?.kind === 'created';
  };

  it('is served once it has registered with its token', async () => {
    expect(token).toMatch(/^pulser_agent_[\w-]{43}$/);
    expect(await served()).toBeUndefined();
    await register();
    expect(await served()).toMatchObject({ agent: greeter, maxAttempts: 4, timeLimitMs: 300_000 });
    expect(await accepts('Ada')).toBe(true);
    expect(await accepts(7)).toBe(false);
  });

  it('has a token of which only a hash is kept', async () => {
    const rows = await life.server.query('select * from admitted_agent where agent_name = $1', [greeter]);
    expect(JSON.stringify(rows)).not.toContain(token.slice(13));
  });

  describe('cannot register', () => {
    const refusal = async (attempt: Promise<void>): Promise<void> => {
      const error: unknown = await attempt.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(AgentNotAdmitted);
      expect(error).toMatchObject({
        message: expect.stringMatching(
          /^the agent \w+ is not admitted with the task types [\w, ]+, or AGENT_TOKEN/,
        ) as string,
        startHint: expect.stringContaining('agents admit') as string,
      });
    };

    it('without a token or with a wrong one', async () => {
      await refusal(agents.register(registrationOf(greeter, '1', [greeter])));
      await refusal(register({}, `${token}x`));
      await refusal(register({}, ''));
    });

    it('under a name that is not its own, or that no operator admitted', async () => {
      await refusal(register({}, await admit({ types: [`${greeter}_b`] })));
      await refusal(register({ agent: 'nobody' }));
    });

    it('with a task type of another agent, built-in or not, beside its own', async () => {
      await admit({ types: [`${greeter}_b`] });
      for (const type of [`${greeter}_b`, 'analytics', 'unheard_of'])
        await refusal(register({ task_types: [{ task_type: greeter }, { task_type: type }] }));
      expect(await served()).toBeUndefined();
    });

    it('once it is revoked, until it is admitted again; what it registered stays known', async () => {
      await register();
      expect(await agents.revoke(greeter)).toBe(true);
      await refusal(register());
      await refusal(agents.register(registrationOf(greeter, '1', [greeter])));
      expect(await served()).toBeDefined();
      expect(await agents.revoke(greeter)).toBe(false);
      token = await agents.admit({ agent: greeter, types: [], backsUp: [] });
      await register();
    });

    it('with a description beyond the bounds', async () => {
      const [operation] = registrationOf(greeter, '1', [greeter]).operations;
      if (operation === undefined) throw new Error('No operation');
      const operations = [{ ...operation, input_schema: { description: 'x'.repeat(70_000) } }];
      await expect(register({ operations })).rejects.toThrow(
        'the registration is wrong at /operations/0/input_schema: At most 65536 characters',
      );
    });
  });

  describe('is not admitted', () => {
    const refused = async (admission: Partial<AgentAdmission>, reason: string): Promise<void> => {
      const error: unknown = await admit(admission).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(AdmissionRefused);
      expect(error).toHaveProperty('message', expect.stringContaining(reason));
    };

    it('under a name or for a task type that comes with Pulser', async () => {
      await refused({ agent: 'dash', types: ['x'] }, 'dash is an agent that comes with Pulser');
      await refused({ types: ['testing'] }, 'testing belongs to an agent that comes with Pulser');
      await refused({ types: ['analytics'] }, 'analytics belongs to dash');
    });

    it('for a task type of another agent', async () => {
      await refused({ types: [greeter] }, `${greeter} belongs to ${greeter}`);
    });

    it('for one of two admissions of a type at the same time', async () => {
      const type = `${greeter}_raced`;
      const both = await Promise.allSettled([admit({ types: [type] }), admit({ types: [type] })]);
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(both.find(({ status }) => status === 'rejected')).toHaveProperty('reason', expect.any(AdmissionRefused));
    });

    it('as the back-up of a type that there is not, or that is its own', async () => {
      await refused({ backsUp: ['unheard_of'] }, 'There is no task type unheard_of to back up');
      await refused({ agent: greeter, backsUp: [greeter] }, `${greeter} owns ${greeter}, so it cannot back it up`);
      await refused({ types: ['both'], backsUp: ['both'] }, 'so it cannot back it up');
    });

    it('for more task types than an installation has room for', async () => {
      const known = new Set([...builtInTaskTypes, ...(await agents.admitted()).map(({ taskType }) => taskType)]);
      const types = Array.from({ length: maxTaskTypes - known.size }, (_, n) => `many_${String(n)}`);
      await refused({ types: [...types, 'one_too_many'] }, `at most ${String(maxTaskTypes)} task types`);
      const agent = 'many';
      await admit({ agent, types });
      await refused({ types: ['one_too_many'] }, `at most ${String(maxTaskTypes)} task types`);
      await life.server.query('delete from admitted_agent where agent_name = $1', [agent]);
    });
  });

  it('that is admitted again keeps its task types and gets another token', async () => {
    const more = `${greeter}_more`;
    const next = await agents.admit({ agent: greeter, types: [more, more], backsUp: [] });
    expect(next).not.toBe(token);
    await expect(register()).rejects.toThrow(AgentNotAdmitted);
    await agents.register(registrationOf(greeter, '1', [greeter, more, 'testing']), next);
    const mine = (await agents.admitted()).filter(({ agent }) => agent === greeter);
    expect(mine.map(({ taskType, isOwner }) => [taskType, isOwner])).toEqual([
      [greeter, true],
      [more, true],
      ['testing', false],
    ]);
  });

  it('takes over the types of others only as their back-up', async () => {
    const owner = `${greeter}_owner`;
    const ownerToken = await agents.admit({ agent: owner, types: [owner], backsUp: [] });
    token = await agents.admit({ agent: greeter, types: [], backsUp: [owner] });
    await register({ task_types: [{ task_type: greeter }, { task_type: owner }] });
    expect(await served(owner)).toBeUndefined();
    const described = {
      ...registrationOf(owner, '1', [owner]),
      task_types: [{ task_type: owner, backups: [greeter] }],
    };
    await agents.register(described, ownerToken);
    expect(await served(owner)).toMatchObject({ agent: owner, backups: [greeter] });
  });

  describe('in two versions', () => {
    beforeEach(async () => {
      await agents.register(registrationOf(greeter, '1', [greeter], 'string'), token);
      await agents.register(registrationOf(greeter, '2', [greeter], 'number'), token);
    });

    const accepted = async (): Promise<boolean[]> => [await accepts('Ada'), await accepts(7), await accepts(true)];

    it('accepts what either accepts while both live', async () => {
      expect((await served())?.operations.get('greet')).toHaveLength(2);
      expect(await accepted()).toEqual([true, true, false]);
    });

    it('accepts what the older one accepts when only that lives', async () => {
      await unseen('2', '2 minutes');
      expect(await accepted()).toEqual([true, false, false]);
      await agents.seen(greeter, '2');
      expect(await accepted()).toEqual([true, true, false]);
    });

    it('accepts what the one accepts that was seen last when none lives', async () => {
      await unseen('1', '3 hours');
      await unseen('2', '2 hours');
      expect(await accepted()).toEqual([false, true, false]);
      await unseen('1', '1 hour');
      expect(await accepted()).toEqual([true, false, false]);
    });

    it('forgets one that was not seen for a day when another registers', async () => {
      await unseen('1', '25 hours');
      await agents.register(registrationOf(greeter, '3', [greeter]), token);
      const versions = (await agents.versions()).filter(({ name }) => name === greeter);
      expect(versions.map(({ version }) => version).sort()).toEqual(['2', '3']);
    });
  });

  it('is read again when the same version registers something else, and only then', async () => {
    const registeredAt = async (): Promise<number | undefined> =>
      (await agents.versions()).find(({ name }) => name === greeter)?.registeredAt.getTime();
    await register();
    await life.server.query(`update agent_registration set registered_at = now() - interval '1 hour'`);
    const before = await registeredAt();
    await register();
    expect(await registeredAt()).toBe(before);
    await register(registrationOf(greeter, '1', [greeter], 'number'));
    expect(await registeredAt()).not.toBe(before);
    expect(await accepts(7)).toBe(true);
  });
});

describe('an agent that comes with Pulser', () => {
  let life: TaskLife;
  let agents: Agents;

  beforeAll(async () => {
    life = await TaskLife.start();
    agents = new Agents(life.database);
  });

  afterAll(() => life.stop());

  it('needs no token, and ignores one', async () => {
    await agents.register({ ...dash, version: 'other' }, 'pulser_agent_of_something_else');
    expect((await agents.versions()).map(({ version }) => version).sort()).toEqual(['other', 'test']);
  });

  it('owns its types, and backs up those of the others that it can run', async () => {
    await agents.register({ ...dash, task_types: [{ task_type: 'analytics' }, { task_type: 'testing' }] });
    expect(await agents.admitted()).toEqual([
      { taskType: 'analytics', agent: 'dash', isOwner: true },
      { taskType: 'testing', agent: 'dash', isOwner: false },
    ]);
  });

  it('does not start with a type that an agent from outside has already', async () => {
    await agents.admit({ agent: 'greeter', types: ['greetings'], backsUp: [] });
    const taken = agents.register({ ...dash, task_types: [{ task_type: 'greetings' }] });
    await expect(taken).rejects.toThrow('One of the task types greetings belongs to another agent');
  });
});
