import { SharedResources } from '../process/shared-resources.js';
import { children, Metrics } from './metrics.js';

const counter = { name: 'tasks_total', help: 'Tasks "taken"', labelNames: ['agent'] as const };

describe('metrics', () => {
  it('belong to one service alone', async () => {
    const [one, other] = [new Metrics(), new Metrics()];
    one.counter(counter).inc({ agent: 'maya' });
    other.counter(counter);

    expect(await one.text()).toContain('tasks_total{agent="maya"} 1');
    expect(await other.text()).not.toContain('maya');
  });

  it('are the same when asked for twice', () => {
    const metrics = new Metrics();

    expect(metrics.counter(counter)).toBe(metrics.counter(counter));
    expect(metrics.gauge({ name: 'g', help: 'g' })).toBe(metrics.gauge({ name: 'g', help: 'g' }));
    expect(metrics.histogram({ name: 'h', help: 'h' })).toBe(metrics.histogram({ name: 'h', help: 'h' }));
  });

  it('refuse a name that another type has', () => {
    const metrics = new Metrics();
    metrics.counter(counter);

    expect(() => metrics.gauge(counter)).toThrow('tasks_total exists with another type');
  });

  it('describe the process when asked to', async () => {
    const text = await new Metrics({ process: true }).text();

    expect(text).toMatch(/process_cpu_seconds_total|nodejs_eventloop_lag_p99_seconds|nodejs_gc_duration_seconds/);
    expect(await new Metrics().text()).not.toContain('process_');
  });

  it('have children that are resolved once', async () => {
    const metrics = new Metrics();
    const taken = children(metrics.counter(counter), ['maya', 'dash']);
    taken.maya.inc();
    taken.maya.inc();

    expect(await metrics.text()).toContain('tasks_total{agent="maya"} 2');
  });
});

describe('the metrics of several services on one page', () => {
  it('have each family once and every sample under its service', async () => {
    const [gateway, router] = [new Metrics(), new Metrics()];
    gateway.counter(counter).inc({ agent: 'a{b},c="d"' });
    router.counter(counter).inc({ agent: 'maya' });
    router.gauge({ name: 'depth', help: 'Depth' }).set(3);
    const resources = new SharedResources();
    resources.addService({ service: 'gateway', metrics: gateway });
    resources.addService({ service: 'router', metrics: router });
    const text = await resources.metricsText();

    expect(text).toBe(
      [
        '# HELP tasks_total Tasks "taken"',
        '# TYPE tasks_total counter',
        'tasks_total{service="gateway",agent="a{b},c=\\"d\\""} 1',
        'tasks_total{service="router",agent="maya"} 1',
        '',
        '# HELP depth Depth',
        '# TYPE depth gauge',
        'depth{service="router"} 3',
        '',
      ].join('\n'),
    );
  });
});
