import { hasItsQueue, topicMatches } from './topology.js';

describe('a topic pattern', () => {
  it.each([
    ['task.completed', 'task.completed', true],
    ['task.completed', 'task.failed', false],
    ['task.*', 'task.failed', true],
    ['task.*', 'task', false],
    ['task.*', 'task.failed.twice', false],
    ['*', '', false],
    ['task.#', 'task', true],
    ['task.#', 'task.failed.twice', true],
    ['#', '', true],
    ['#', 'agent.health-changed', true],
    ['#.failed', 'task.failed', true],
    ['#.failed', 'failed', true],
    ['#.failed', 'task.failed.twice', false],
    ['*.#.b', 'a.b', true],
    ['*.#.b', 'b', false],
    ['#.*', 'a.b.c', true],
    ['task', 'tasks', false],
  ])('%s and the key "%s": %s', (pattern, key, expected) => {
    expect(topicMatches(pattern, key)).toBe(expected);
  });
});

describe('the topology', () => {
  it('has a queue for every order, dispatch and dead letter, and none for events', () => {
    expect(hasItsQueue({ exchange: 'pulser.tasks', routingKey: 'task.submit' })).toBe(true);
    expect(hasItsQueue({ exchange: 'pulser.agents', routingKey: 'dash' })).toBe(true);
    expect(hasItsQueue({ exchange: 'pulser.dead', routingKey: 'anything at all' })).toBe(true);
    expect(hasItsQueue({ exchange: 'pulser.agents', routingKey: 'nobody' })).toBe(false);
    expect(hasItsQueue({ exchange: 'pulser.events', routingKey: 'task.completed' })).toBe(false);
  });
});
