import { queueArguments, queueTypeFor } from './rabbit-topology.js';

const orders = { purpose: 'orders', name: 'router.tasks', deadExchange: 'pulser.dead' } as const;

describe('the type of the queues', () => {
  it.each([
    ['4.3.0', 'quorum'],
    ['4.3.6', 'quorum'],
    ['4.3.0-rc.1', 'quorum'],
    ['4.10.0', 'quorum'],
    ['5.0.0', 'quorum'],
    ['4.2.9', 'classic'],
    ['4.0.5', 'classic'],
    ['3.13.7', 'classic'],
    ['unknown', 'classic'],
    ['', 'classic'],
  ])('on a broker of version "%s" is %s', (version, type) => {
    expect(queueTypeFor(version)).toBe(type);
  });
});

describe('the arguments of a queue', () => {
  it('keep a message that kills its consumers, where it exists nowhere else', () => {
    expect(queueArguments('quorum', orders)).toMatchObject({
      'x-dead-letter-exchange': 'pulser.dead',
      'x-dead-letter-routing-key': 'router.tasks',
    });
    expect(queueArguments('quorum', { ...orders, purpose: 'dead-letters' })).toMatchObject({ 'x-delivery-limit': -1 });
  });

  it('let a request go that is late or kills its consumers', () => {
    expect(queueArguments('quorum', { ...orders, purpose: 'requests' })).not.toHaveProperty('x-dead-letter-exchange');
  });

  it('ask for priorities where a queue does not have them by nature', () => {
    expect(queueArguments('classic', { ...orders, purpose: 'dispatches' })).toMatchObject({ 'x-max-priority': 9 });
    expect(queueArguments('classic', orders)).toMatchObject({ 'x-max-priority': 9 });
    expect(queueArguments('quorum', { ...orders, purpose: 'dispatches' })).not.toHaveProperty('x-max-priority');
  });

  it('ask for no limit of time where a queue of this broker has none', () => {
    expect(queueArguments('classic', { ...orders, purpose: 'dispatches' }, 'quorum')).not.toHaveProperty(
      'x-consumer-timeout',
    );
  });

  it('let a handler hold a message for far longer than the longest task', () => {
    expect(queueArguments('quorum', orders)).toMatchObject({ 'x-consumer-timeout': 43_200_000 });
    expect(queueArguments('classic', orders)).toMatchObject({ 'x-consumer-timeout': 43_200_000 });
  });
});
