import { exchanges, queues } from '../broker/topology.js';
import { declaredBy } from './broker-users.js';

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
    expect(declaredBy('amqp://worker-greeter@broker').exchanges).toEqual([]);
  });
});
