import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { Module, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import type { CustomTransportStrategy } from '@nestjs/microservices';

import { type ServiceDefinition, startService } from '../src/bootstrap/service.js';
import { Readiness } from '../src/health/readiness.js';
import { Logger } from '../src/log/logger.js';
import { Metrics } from '../src/metrics/metrics.js';
import { ServiceInfo } from '../src/process/service-info.js';
import { SharedResources } from '../src/process/shared-resources.js';
import { Tracer } from '../src/trace/tracer.js';
import { eventually } from './eventually.js';
import { Gate } from './sample/gate.js';
import { SampleEnv, sampleEnv, sampleService } from './sample/sample.service.js';

const body = async (url: string | undefined, path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json();

describe('a running service', () => {
  it('is alive, healthy and ready, and says so without a key', async () => {
    const { url, close } = await startService(sampleService(), { env: sampleEnv() });

    expect(await body(url, '/health')).toEqual({ ok: true });
    expect(await body(url, '/health/live')).toEqual({ ok: true, uptime_s: expect.any(Number) as unknown });
    expect(await body(url, '/health/ready')).toEqual({ ok: true, checks: {} });
    await close();
  });

  it('is not ready while something it needs is away, and alive all the same', async () => {
    const { app, url, close } = await startService(sampleService(), { env: sampleEnv() });
    app.get(Readiness).add('database', () => Promise.reject(new Error('connect ECONNREFUSED')));
    const answer = await fetch(`${url}/health/ready`);

    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ ok: false, checks: { database: { detail: 'connect ECONNREFUSED' } } });
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    await close();
  });

  it('injects what the kit gives by class', async () => {
    const { app, close } = await startService(sampleService(), { env: sampleEnv() });

    expect(app.get(SampleEnv).HOST).toBe('127.0.0.1');
    expect(app.get(Logger).bindings()).toEqual({ service: 'sample' });
    expect(app.get(ServiceInfo)).toMatchObject({
      service: 'sample',
      version: expect.stringMatching(/^\d+\./) as unknown,
    });
    expect(app.get(Tracer)).toBeInstanceOf(Tracer);
    await close();
  });

  it('does not listen without a port', async () => {
    const { url, app, close } = await startService(sampleService(), { env: SampleEnv.read({ LOG_LEVEL: 'silent' }) });

    expect(url).toBeUndefined();
    expect(app.getHttpServer().listening).toBe(false);
    await close();
  });

  it('finishes the requests it has when it closes, once however often it is told', async () => {
    const gate = new Gate();
    const { url, close } = await startService(sampleService(gate), { env: sampleEnv() });
    const waiting = body(url, '/waits');
    await gate.arrived;
    const closed = Promise.all([close(), close()]);
    gate.open();

    expect(await waiting).toEqual({ waited: true });
    await closed;
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  });
});

/** A server gives a silent connection at least so long by itself, in milliseconds. */
const silenceMs = 15_000;

describe('a service that closes', () => {
  it('takes connections for SHUTDOWN_DELAY_S more, while it says that it is not ready', async () => {
    const env = sampleEnv({ SHUTDOWN_DELAY_S: '2' });
    const { url, close } = await startService(sampleService(), { env });
    const closed = close();
    // A proxy asks on a connection of its own.
    const asked = await fetch(`${url}/health/ready`, { headers: { connection: 'close' } });

    expect(asked.status).toBe(503);
    expect(await body(url, '/health/live')).toMatchObject({ ok: true });
    await closed;
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  });

  it('does not wait for clients that keep their connections', async () => {
    const gate = new Gate();
    const { url, close } = await startService(sampleService(gate), { env: sampleEnv() });
    const agent = new Agent({ keepAlive: true });
    const waiting = new Promise<IncomingMessage>((resolve, reject) => {
      get(`${url}/waits`, { agent }, resolve).on('error', reject);
    });
    await gate.arrived;
    const start = performance.now();
    const closed = close();
    // The answer goes out after the server has stopped taking connections.
    await eventually(() => expect(fetch(`${url}/health`)).rejects.toThrow('fetch failed'));
    gate.open();

    expect((await waiting).headers.connection).toBe('close');
    await closed;
    expect(performance.now() - start).toBeLessThan(silenceMs);
    agent.destroy();
  });

  it.each(['', 'GET /hea'])('does not wait for a connection on which no whole request came: %j', async (start) => {
    const { url = '', close } = await startService(sampleService(), { env: sampleEnv() });
    const { hostname, port } = new URL(url);
    const idle = connect(Number(port), hostname);
    await once(idle, 'connect');
    idle.write(start);
    await fetch(`${url}/health`);
    const since = performance.now();
    await close();

    expect(performance.now() - since).toBeLessThan(silenceMs);
    idle.destroy();
  });

  it('ends event streams, which would never end', async () => {
    const { url, close } = await startService(sampleService(), { env: sampleEnv() });
    const events = await fetch(`${url}/events`);
    const since = performance.now();
    await close();

    expect(await events.text()).toMatch(/^\s*id: 1\ndata: 0\n/);
    expect(performance.now() - since).toBeLessThan(silenceMs);
  });

  it('answers requests while it lets go, and says that it is not ready', async () => {
    const gate = new Gate();
    @Module({})
    class Slow implements OnModuleDestroy {
      async onModuleDestroy(): Promise<void> {
        await gate.pass();
      }
    }
    const slow = { ...sampleService(), module: () => ({ module: Slow }) };
    const { url, close } = await startService(slow, { env: sampleEnv() });
    const closed = close();
    await gate.arrived;

    expect((await fetch(`${url}/health`)).status).toBe(200);
    const ready = await fetch(`${url}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ ok: false, checks: { service: { detail: 'shuts down' } } });
    gate.open();
    await closed;
  });
});

describe('the metrics of a service', () => {
  const page = async (url: string | undefined): Promise<string> => (await fetch(`${url}/metrics`)).text();

  it('are in the Prometheus text format', async () => {
    const { url, close } = await startService(sampleService(), { env: sampleEnv() });
    const answer = await fetch(`${url}/metrics`);

    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await answer.text()).toMatch(/^# HELP process_cpu_user_seconds_total /);
    await close();
  });

  it('count requests by route pattern, never by URL', async () => {
    const { url, close } = await startService(sampleService(), { env: sampleEnv() });
    await Promise.all(['/orders/1', '/orders/2', '/orders', '/fails/x', '/nowhere/1'].map((path) => body(url, path)));

    await eventually(async () => {
      const text = await page(url);
      const count = 'http_server_request_duration_seconds_count';
      expect(text).toContain(`${count}{method="GET",route="/orders/:id",status="4xx"} 2`);
      expect(text).toContain(`${count}{method="GET",route="/orders",status="2xx"} 1`);
      expect(text).toContain(`${count}{method="GET",route="/fails/:how",status="5xx"} 1`);
      expect(text).toContain(`${count}{method="GET",route="unmatched",status="4xx"} 1`);
      expect(text).not.toContain('nowhere');
    });
    await close();
  });

  it('forget a request whose client went away', async () => {
    const gate = new Gate();
    const { url, close } = await startService(sampleService(gate), { env: sampleEnv() });
    const stop = new AbortController();
    const waiting = fetch(`${url}/waits`, { signal: stop.signal }).catch(() => 'aborted');
    await gate.arrived;
    // The page itself is the second one.
    expect(await page(url)).toContain('http_server_active_requests 2');
    stop.abort();

    expect(await waiting).toBe('aborted');
    await eventually(async () => {
      expect(await page(url)).toContain('http_server_active_requests 1');
      expect(await page(url)).toContain('route="/waits",status="aborted"} 1');
    });
    gate.open();
    await close();
  });
});

describe('several services in one process', () => {
  it('share what the host gives, and keep their own metrics, loggers and traces', async () => {
    const host = new SharedResources().provide(Gate, new Gate());
    const named = (name: string): ServiceDefinition<SampleEnv> => ({
      ...sampleService(),
      name,
      module: (env, around) => sampleService(around.find(Gate)).module(env, around),
    });
    const gateway = await startService(named('gateway'), { env: sampleEnv(), host });
    const router = await startService(named('router'), { env: SampleEnv.read({ LOG_LEVEL: 'silent' }), host });
    router.app.get(Metrics).counter({ name: 'routed_total', help: 'Routed' }).inc(3);
    const text = await (await fetch(`${gateway.url}/metrics`)).text();

    expect(gateway.app.get(Gate)).toBe(router.app.get(Gate));
    expect(gateway.app.get(Logger)).not.toBe(router.app.get(Logger));
    expect(text).toContain('routed_total{service="router"} 3');
    expect(text.match(/# TYPE http_server_active_requests gauge/g)).toHaveLength(1);
    expect(text).toContain('process_cpu_seconds_total{service="gateway"}');
    expect(text).not.toContain('process_cpu_seconds_total{service="router"}');

    await router.close();
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).not.toContain('service="router"');
    await gateway.close();
  });
});

describe('the transport of a service', () => {
  const transport = (log: string[], failure?: Error): CustomTransportStrategy => ({
    listen: (callback: (error?: Error) => void) => {
      log.push('transport listens');
      callback(failure);
    },
    close: async () => {
      await pause(5);
      log.push('transport drained');
    },
  });

  const withTransport = (log: string[], failure?: Error): ServiceDefinition<SampleEnv> => {
    @Module({})
    class Pool implements OnModuleDestroy, OnApplicationShutdown {
      onModuleDestroy(): void {
        log.push('destroy');
      }

      onApplicationShutdown(): void {
        log.push('pool closed');
      }
    }
    return {
      ...sampleService(),
      module: () => ({ module: Pool }),
      configure: (app) => {
        log.push(`configured, listening: ${app.getHttpServer().listening}`);
      },
      microservices: (app) => {
        log.push(`connected, listening: ${app.getHttpServer().listening}`);
        return transport(log, failure);
      },
    };
  };

  it('starts before HTTP and is drained before anything it needs is closed', async () => {
    const log: string[] = [];
    const service = await startService(withTransport(log), { env: sampleEnv() });
    log.push(`url: ${service.url !== undefined}`);
    await service.close();

    expect(log).toEqual([
      'configured, listening: false',
      'connected, listening: false',
      'transport listens',
      'url: true',
      'destroy',
      'transport drained',
      'pool closed',
    ]);
  });

  it('fails the start when it cannot listen, and what was open is closed again', async () => {
    const log: string[] = [];
    const failure = new Error('no broker');

    await expect(startService(withTransport(log, failure), { env: sampleEnv() })).rejects.toThrow('no broker');
    expect(log.at(-1)).toBe('pool closed');
  });
});
