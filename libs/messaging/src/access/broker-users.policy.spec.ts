import { readFileSync } from 'node:fs';

import { builtInAgents, messages } from '@pulser/contracts';

import { exchanges, queues } from '../broker/topology.js';
import { brokerDefinitions, brokerUsers, declaredBy, workerUser } from './broker-users.js';

const declaredAs = (user: string): string[] =>
  declaredBy(`amqps://${user}@broker/pulser`).queues.map(({ name }) => name);

describe('what a service declares', () => {
  it('is everything when it connects as a user of whom nothing is known', () => {
    for (const url of ['amqp://guest:guest@broker', 'amqp://broker'])
      expect(declaredBy(url)).toEqual({ exchanges, queues });
  });

  it('is its own when it connects as a user in the definitions, whichever installation he belongs to', () => {
    expect(declaredAs('worker-dash:secret')).toEqual(['agent.dash']);
    expect(declaredAs('staging.worker-data_fabcon')).toEqual(['agent.data_fabcon']);
    expect(declaredAs('router')).toEqual(queues.map(({ name }) => name));
    expect(declaredAs('gateway')).toEqual([]);
    expect(declaredBy('amqp://router@broker').exchanges).toEqual([]);
  });

  it('is its own queue when it connects as the worker of an agent from outside', () => {
    expect(declaredAs('worker-greeter:secret')).toEqual(['agent.greeter']);
    expect(declaredAs('staging.worker-greeter')).toEqual(['agent.greeter']);
    expect(declaredAs('worker-greeter~2')).toEqual(['agent.greeter']);
    expect(declaredBy('amqp://worker-greeter@broker').exchanges).toEqual([]);
  });
});

const root = new URL('../../../../', import.meta.url);
const contentOf = (file: string): string => readFileSync(new URL(file, root), 'utf8');

describe('the definitions of the broker', () => {
  it('in deploy/rabbitmq are these: `npm run docs` writes them', () => {
    expect(JSON.parse(contentOf('deploy/rabbitmq/definitions.json'))).toEqual(brokerDefinitions());
  });

  it('hold no user, and so no password', () => {
    expect(Object.keys(brokerDefinitions())).not.toContain('users');
  });

  it.each(brokerUsers.map(({ name }) => name))('are of users that docker-compose.yml makes: %s', (name) => {
    const variable = `PULSER_AMQP_${name.toUpperCase().replaceAll('-', '_')}_PASSWORD`;
    expect(contentOf('docker-compose.yml')).toContain(`{ "name": "${name}", "password": "\${${variable}:?`);
  });

  it.each(queues.map(({ name }) => name))('let exactly one user consume %s', (name) => {
    const mayRead = brokerDefinitions().permissions.filter(({ read }) => new RegExp(read).test(name));
    expect(mayRead.map(({ user }) => user)).toEqual(
      brokerUsers.filter(({ consumes }) => consumes.includes(name)).map((user) => user.name),
    );
    expect(mayRead).toHaveLength(1);
  });

  it.each(Object.entries(messages).filter(([key]) => key !== 'task.dispatch'))('let somebody publish %s', (key, to) => {
    const { permissions, topic_permissions: topics } = brokerDefinitions();
    const ofTopics = topics.filter((one) => one.exchange === to.exchange.name && new RegExp(one.write).test(key));
    const ofOthers = permissions.filter(({ write }) => new RegExp(write).test(to.exchange.name));
    expect(to.exchange.kind === 'topic' ? ofTopics : ofOthers).not.toHaveLength(0);
  });

  it('let workers and gateways ask the MCP coordinator, and it alone answer', () => {
    const writers = (name: string): string[] =>
      brokerDefinitions()
        .permissions.filter(({ write }) => new RegExp(write).test(name))
        .map(({ user }) => user);
    expect(writers('pulser.rpc').sort()).toEqual(
      ['gateway', ...builtInAgents.map((agent) => `worker-${agent}`)].sort(),
    );
    expect(writers('amq.default')).toEqual(['mcp-coordinator']);
  });

  it('let only routers, gateways and health services send work to agents, to all of them', () => {
    const writers = brokerDefinitions().permissions.filter(({ write }) => new RegExp(write).test('pulser.agents'));
    expect(writers.map(({ user }) => user).sort()).toEqual(['gateway', 'health', 'router']);
    const keys = brokerDefinitions().topic_permissions.filter(
      ({ exchange, write }) => exchange === 'pulser.agents' && write !== '^$',
    );
    expect(keys.map(({ user }) => user).sort()).toEqual(['gateway', 'health', 'router']);
    for (const { write } of keys) for (const agent of builtInAgents) expect(agent).toMatch(new RegExp(write));
  });

  it('let the worker of an agent from outside do what a built-in one does, with its own queue only', () => {
    const [greeter] = brokerDefinitions([workerUser('greeter')]).permissions;
    const [dash] = brokerDefinitions([workerUser('dash')]).permissions;
    expect(JSON.stringify(greeter)).toBe(JSON.stringify(dash).replaceAll('dash', 'greeter'));
    const may = (name: string): boolean[] =>
      [greeter?.configure, greeter?.write, greeter?.read].map((pattern = '^$') => new RegExp(pattern).test(name));
    expect(may('agent.greeter')).toEqual([true, true, true]);
    for (const other of ['agent.dash', 'agent.greeter2', 'router.tasks'])
      expect(may(other)).toEqual([false, false, false]);
  });

  it('let the router declare and measure the queue of an agent from outside, and bind it', () => {
    const router = brokerDefinitions().permissions.find(({ user }) => user === 'router');
    for (const pattern of [router?.configure, router?.write])
      expect('agent.greeter').toMatch(new RegExp(pattern ?? '^$'));
    const keys = brokerDefinitions().topic_permissions.find(
      (one) => one.user === 'router' && one.exchange === 'pulser.agents',
    );
    for (const pattern of [keys?.write, keys?.read]) expect('greeter').toMatch(new RegExp(pattern ?? '^$'));
  });

  it('let the health service measure the queue of any agent, and neither bind nor read it', () => {
    const health = brokerDefinitions().permissions.find(({ user }) => user === 'health');
    expect('agent.greeter').toMatch(new RegExp(health?.configure ?? '^$'));
    for (const pattern of [health?.write, health?.read])
      expect('agent.greeter').not.toMatch(new RegExp(pattern ?? '^$'));
  });

  it('say for every topic exchange that a user may use which routing keys are its', () => {
    const { permissions, topic_permissions: topics, exchanges } = brokerDefinitions();
    const ofTopics = exchanges.filter(({ type }) => type === 'topic');
    for (const { user, write, read } of permissions)
      for (const { name } of ofTopics.filter((one) => new RegExp(`${write}|${read}`).test(one.name)))
        expect(topics).toContainEqual(expect.objectContaining({ user, exchange: name }));
  });
});
