import { startService } from '../src/bootstrap/service.js';
import { ServiceInfo } from '../src/process/service-info.js';
import { OtlpRecorder } from '../src/trace/otlp-recorder.js';
import { Tracer } from '../src/trace/tracer.js';
import { eventually } from './eventually.js';
import { OtlpReceiver } from './otlp-receiver.js';
import { sampleEnv, sampleService } from './sample/sample.service.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const sampled = `00-${traceId}-b7ad6b7169203331-01`;
const unsampled = `00-${traceId}-b7ad6b7169203331-00`;

let receiver: OtlpReceiver;
let endpoint: string;

beforeEach(async () => {
  receiver = new OtlpReceiver();
  endpoint = await receiver.listen();
});

afterEach(async () => receiver.close());

const info = new ServiceInfo('router', '1.2.3');

const exporting = (ratio = 1, failures: unknown[] = [], to = endpoint): Tracer =>
  new Tracer(new OtlpRecorder(info, { endpoint: to, ratio, onFailure: (error) => void failures.push(error) }));

describe('exported traces', () => {
  it('go to the collector as protobuf, with the service they come from and the ids that were passed on', async () => {
    const tracer = exporting();
    const span = tracer.startSpan('route a task', 'consumer', sampled, { agent: 'maya' });
    span.set({ attempt: 2 });
    span.end(new Error('no room'));
    await tracer.close();

    expect(receiver.batches).toMatchObject([{ path: '/v1/traces', type: 'application/x-protobuf' }]);
    expect(receiver.has(traceId, 'hex') && receiver.has(span.spanId, 'hex')).toBe(true);
    for (const text of ['route a task', 'agent', 'maya', 'attempt', 'no room', 'router', '1.2.3', info.instance]) {
      expect(receiver.has(text)).toBe(true);
    }
  });

  it('are sent in batches while the service runs', async () => {
    const tracer = exporting();
    for (let count = 0; count < 1_100; count += 1) tracer.startSpan('work', 'internal').end();

    await eventually(() => {
      expect(receiver.batches).toHaveLength(2);
    });
    await tracer.close();
  });

  it('keep the decision of whoever began them', async () => {
    const tracer = exporting();
    const span = tracer.startSpan('work', 'internal', unsampled);
    span.end('failed');
    await tracer.close();

    expect(span.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    expect(receiver.batches).toEqual([]);
  });

  it('are as many as configured', async () => {
    const tracer = exporting(0);
    const span = tracer.startSpan('work', 'internal');
    span.end();
    await tracer.close();

    expect(span.traceparent.endsWith('-00')).toBe(true);
    expect(receiver.batches).toEqual([]);
  });

  it('that cannot be sent are reported and hold nothing up', async () => {
    const failures: unknown[] = [];
    await receiver.close();
    const tracer = exporting(1, failures);
    tracer.startSpan('work', 'internal').end();
    const start = performance.now();
    await tracer.close();

    // By itself the exporter tries for half a minute.
    expect(performance.now() - start).toBeLessThan(20_000);
    await eventually(() => {
      expect(failures).toHaveLength(1);
    });
  });
});

describe('a service with a collector', () => {
  it('exports a span a request, named by its route, and none of probes', async () => {
    const env = sampleEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/` });
    const { url, close } = await startService(sampleService(), { env });
    const answer = await fetch(`${url}/orders/7`, { headers: { traceparent: sampled } });
    await fetch(`${url}/fails/x`);
    await fetch(`${url}/health`);
    await close();

    expect(receiver.batches.map(({ path }) => path)).toEqual(['/v1/traces']);
    expect(receiver.has('GET /orders/:id') && receiver.has('GET /fails/:how') && receiver.has('HTTP 500')).toBe(true);
    expect(receiver.has(answer.headers.get('traceparent')?.slice(36, 52) ?? 'none', 'hex')).toBe(true);
    expect(receiver.has('GET /health')).toBe(false);
  });
});
