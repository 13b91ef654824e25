import { Readiness } from './readiness.js';

describe('readiness', () => {
  it('is given when nothing is asked', async () => {
    expect(await new Readiness().report()).toEqual({ ok: true, checks: {} });
  });

  it('needs every check, and shows what each says', async () => {
    const ms = expect.any(Number) as unknown;
    const readiness = new Readiness();
    readiness.add('database', () => Promise.resolve());
    readiness.add('broker', () => Promise.resolve({ detail: 'quorum queues' }));
    readiness.add('mcp', () => Promise.reject(new Error('no amqp://a:hunter2@b\nat all')));
    readiness.add('dns', () => Promise.reject(new AggregateError([new Error('connect ECONNREFUSED ::1:1')])));
    readiness.add('odd', () => {
      throw new TypeError('');
    });

    expect(await readiness.report()).toEqual({
      ok: false,
      checks: {
        database: { ok: true, ms },
        broker: { ok: true, detail: 'quorum queues', ms },
        mcp: { ok: false, detail: 'no amqp://a:[redacted]@b at all', ms },
        dns: { ok: false, detail: 'connect ECONNREFUSED ::1:1', ms },
        odd: { ok: false, detail: 'TypeError', ms },
      },
    });
  });

  it('does not wait for a check that hangs, nor for one after the other', async () => {
    const readiness = new Readiness();
    for (let n = 0; n < 60; n += 1) readiness.add(`c${n}`, () => new Promise<void>(() => undefined));
    const start = performance.now();
    const report = await readiness.report(1_000);

    expect(report.checks['c59']).toMatchObject({ ok: false, detail: 'not done within 1000 ms' });
    // One after the other they would take a minute.
    expect(performance.now() - start).toBeLessThan(30_000);
  });
});
