import { initially, type Lifecycle, type LifecycleEvent, stepOf } from './lifecycle.policy.js';

const after = (events: readonly LifecycleEvent['kind'][], from: Lifecycle = initially, now = 0): Lifecycle =>
  events.reduce((current, kind) => stepOf(current, { kind }, now, 0.5).next, from);

describe('the lifecycle of a server', () => {
  it('starts when it is enabled, and serves when it is connected', () => {
    expect(stepOf(initially, { kind: 'enabled' }, 0, 0)).toMatchObject({
      next: { state: 'starting' },
      action: 'connect',
    });
    expect(after(['enabled', 'connected'])).toMatchObject({ state: 'ready', readySince: 0 });
  });

  it('is degraded after one missed ping, ready again after an answered one, and lost after two', () => {
    const degraded = after(['enabled', 'connected', 'ping-missed']);
    expect(degraded.state).toBe('degraded');
    expect(after(['ping-answered'], degraded).state).toBe('ready');
    expect(stepOf(degraded, { kind: 'ping-missed' }, 0, 0)).toMatchObject({
      next: { state: 'backing-off' },
      action: 'drop',
    });
  });

  it('backs off from 0.25 to 30 s, doubling, never giving up', () => {
    let current = after(['enabled']);
    const delays = [];
    for (let n = 0; n < 10; n += 1) {
      current = stepOf(current, { kind: 'lost' }, 0, 0.999_999).next;
      delays.push(Math.round(current.until ?? 0));
      current = after(['back-off-over'], current);
    }
    expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(current.state).toBe('starting');
  });

  it('waits for half of the delay at least', () => {
    expect(stepOf(after(['enabled']), { kind: 'lost' }, 1_000, 0).next.until).toBe(1_125);
  });

  it('begins with the shortest delay again after it was well for twice the next one', () => {
    const failed = after(['lost', 'back-off-over', 'lost', 'back-off-over', 'connected'], after(['enabled']));
    expect(failed.failures).toBe(2);
    expect(stepOf(failed, { kind: 'lost' }, 1_999, 0).next.failures).toBe(3);
    expect(stepOf(failed, { kind: 'lost' }, 2_000, 0).next.failures).toBe(1);
  });

  it('is not changed by what comes late', () => {
    for (const kind of ['connected', 'lost', 'ping-answered', 'ping-missed', 'back-off-over'] as const) {
      expect(stepOf(initially, { kind }, 0, 0)).toEqual({ next: initially, action: 'none' });
      const disabled = after(['enabled', 'disabled']);
      expect(stepOf(disabled, { kind }, 0, 0)).toEqual({ next: disabled, action: 'none' });
    }
    const ready = after(['enabled', 'connected']);
    expect(stepOf(ready, { kind: 'enabled' }, 5, 0)).toEqual({ next: ready, action: 'none' });
  });

  it('ends what runs when it is disabled, and can be enabled again', () => {
    const ready = after(['enabled', 'connected']);
    expect(stepOf(ready, { kind: 'disabled' }, 0, 0)).toMatchObject({ next: { state: 'disabled' }, action: 'drop' });
    expect(after(['disabled', 'enabled'], ready).state).toBe('starting');
  });
});
