import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { SpawnedService } from './spawned/spawned-service.js';

const spawn = (env: Record<string, string> = {}): SpawnedService => new SpawnedService(env);

const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('the process of a service', () => {
  it('answers the request it has before it exits with 0', async () => {
    const service = spawn();
    const url = await service.url();
    const waiting = fetch(`${url}/waits`);
    await fetch(`${url}/health`);
    service.signal('SIGTERM');
    service.wish('open');

    expect(await (await waiting).json()).toEqual({ waited: true });
    expect(await service.ended).toMatchObject({ code: 0, errors: '' });
  });

  it('exits at once with 130 on another signal', async () => {
    const service = spawn({ SHUTDOWN_TIMEOUT_S: '60' });
    const waiting = fetch(`${await service.url()}/waits`).catch(() => 'cut off');
    await fetch(`${await service.url()}/health`);
    service.signal('SIGTERM');
    const again = setInterval(() => {
      service.signal('SIGINT');
    }, 50);

    expect(await service.ended).toMatchObject({ code: 130 });
    clearInterval(again);
    expect(await waiting).toBe('cut off');
  });

  it.each(['reject', 'throw'] as const)('ends with one fatal line when something is forgotten: %s', async (wish) => {
    const service = spawn();
    await service.url();
    service.wish(wish);
    const { code, output } = await service.ended;

    expect(code).toBe(1);
    expect(jsonLines(output).at(-1)).toMatchObject({ level: 'fatal', service: 'sample', err: { type: 'Error' } });
  });

  it('refuses a wrong variable with one line and 78', async () => {
    const { code, output, errors } = await spawn({ LOG_LEVEL: 'loud' }).ended;

    expect(code).toBe(78);
    expect(output).toBe('');
    expect(errors).toMatch(/^sample cannot start: LOG_LEVEL is "loud": it must be trace, .*\n$/);
  });

  it('refuses a default password where others can reach it, in one line', async () => {
    const { code, errors } = await spawn({ HOST: '0.0.0.0', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:changeme@b' }).ended;

    expect(code).toBe(78);
    expect(errors).toMatch(/^sample cannot start: OTEL_EXPORTER_OTLP_ENDPOINT has a default password, .*\n$/);
    expect(errors).not.toContain('changeme');
  });

  it('names a port that is in use, in one line', async () => {
    const taken: Server = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const { code, output, errors } = await spawn({ PORT: String(port) }).ended;
    taken.close();

    expect(code).toBe(1);
    expect(output).toBe('');
    expect(errors).toBe(
      `sample cannot start: port ${port} is in use: stop whatever listens there, or set PORT to a free port (0 picks one)\n`,
    );
  });
});
