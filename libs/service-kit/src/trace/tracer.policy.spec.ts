import { parseTraceparent } from './span.js';
import { Tracer } from './tracer.js';

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';

describe('a tracer that exports nothing', () => {
  it('continues the trace it is given and keeps its decision', () => {
    const span = new Tracer().startSpan('work', 'consumer', parent);

    expect(parseTraceparent(span.traceparent)).toMatchObject({ traceId: span.traceId, sampled: false });
    expect(span.traceId).toBe(parent.slice(3, 35));
    expect(span.spanId).not.toBe(parent.slice(36, 52));
  });

  it.each([undefined, 'not a traceparent'])('starts a new trace for %j', (given) => {
    const [one, other] = [new Tracer().startSpan('a', 'server', given), new Tracer().startSpan('a', 'server', given)];

    expect(one.traceId).toMatch(/^[\da-f]{32}$/);
    expect(one.traceId).not.toBe(other.traceId);
    expect(one.traceparent.endsWith('-01')).toBe(true);
  });

  it('nests spans in what runs, across awaits', async () => {
    const tracer = new Tracer();
    const outer = tracer.startSpan('outer', 'server');
    const inner = await outer.run(async () => {
      await Promise.resolve();
      return tracer.startSpan('inner', 'client');
    });

    expect(inner.traceId).toBe(outer.traceId);
    expect(tracer.current()).toBeUndefined();
  });

  it('does not mix services that share a process', () => {
    const [one, other] = [new Tracer(), new Tracer()];

    one.startSpan('a', 'server').run(() => {
      expect(other.current()).toBeUndefined();
      expect(one.current()).toBeDefined();
    });
  });

  it('gathers the spans of a piece of work, the first ones, and none of others', async () => {
    const tracer = new Tracer();
    const root = tracer.startSpan('root', 'consumer');
    root.gather(2);
    await root.run(async () => {
      await tracer.inSpan('outer', 'internal', () => tracer.inSpan('inner', 'client', () => Promise.resolve()));
      tracer.startSpan('late', 'internal').end();
    });
    await tracer.inSpan('elsewhere', 'internal', () => Promise.resolve());
    const [inner, outer, ...rest] = root.gathering?.spans ?? [];

    expect([inner?.name, outer?.name, rest]).toEqual(['inner', 'outer', []]);
    expect([inner?.parentId, outer?.parentId]).toEqual([outer?.spanId, root.spanId]);
    expect(inner?.durationMs).toBeLessThanOrEqual(outer?.durationMs ?? 0);
  });

  it('keeps what a gathered span says of itself, and how it failed', () => {
    const tracer = new Tracer();
    const root = tracer.startSpan('root', 'consumer');
    root.gather(10);
    const error = new Error('broken');
    root.run(() => {
      const span = tracer.startSpan('work', 'client', undefined, { a: 1 });
      span.set({ b: 2 });
      span.end(error);
    });

    expect(root.gathering?.spans).toMatchObject([{ name: 'work', kind: 'client', attributes: { a: 1, b: 2 }, error }]);
  });

  it('runs work in a span and hands on what it returns or throws', async () => {
    const tracer = new Tracer();
    const seen = tracer.inSpan('work', 'internal', () => Promise.resolve(tracer.current()), parent);
    const failed = tracer.inSpan('work', 'internal', () => Promise.reject(new Error('broken')));

    expect((await seen)?.slice(3, 35)).toBe(parent.slice(3, 35));
    await expect(failed).rejects.toThrow('broken');
    await tracer.close();
  });
});
