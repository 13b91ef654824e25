import { ProgramProcess, type StartProgram } from '../src/bootstrap/program.js';
import { serviceProgram } from '../src/bootstrap/service.js';
import { eventually } from './eventually.js';
import { FakeProcess } from './fake-process.js';
import { Gate } from './sample/gate.js';
import { SampleModule } from './sample/sample.module.js';
import { sampleService } from './sample/sample.service.js';

const quiet = { HOST: '127.0.0.1', LOG_LEVEL: 'silent' };

const run = async (start: StartProgram, source: Record<string, string> = {}): Promise<FakeProcess> => {
  const own = new FakeProcess();
  await new ProgramProcess('sample', start, own, { ...quiet, ...source }).run();
  return own;
};

/** A program that closes when the gate opens. */
const closing =
  (gate: Gate): StartProgram =>
  () =>
    Promise.resolve({ close: () => gate.pass() });

describe('the process of a program', () => {
  it.each(['SIGTERM', 'SIGINT'])('drains on %s and exits with 0', async (signal) => {
    const own = await run(serviceProgram(sampleService()));
    own.emit(signal);

    expect(await own.exited).toBe(0);
  });

  it('takes a signal that arrives twice at once for one, as npm sends it', async () => {
    const gate = new Gate();
    const own = await run(closing(gate));
    own.emit('SIGINT');
    own.emit('SIGINT');
    gate.open();

    expect(await own.exited).toBe(0);
    expect(own.codes).toEqual([0]);
  });

  it('exits at once with 130 when it is told again', async () => {
    const gate = new Gate();
    const own = await run(closing(gate), { SHUTDOWN_TIMEOUT_S: '60' });
    own.emit('SIGTERM');

    await eventually(() => {
      own.emit('SIGINT');
      expect(own.codes[0]).toBe(130);
    });
    // Its time limit would outlive the suite: a real process is gone by now.
    gate.open();
  });

  it('exits with 1 when work is left undone after SHUTDOWN_TIMEOUT_S', async () => {
    const own = await run(closing(new Gate()), { SHUTDOWN_TIMEOUT_S: '0.05' });
    own.emit('SIGTERM');

    expect(await own.exited).toBe(1);
  });

  it('that is told to stop while it starts, starts and stops', async () => {
    const { promise, resolve } = Promise.withResolvers<{ close: () => Promise<void> }>();
    let closed = 0;
    const own = new FakeProcess();
    const running = new ProgramProcess('slow', () => promise, own, quiet).run();
    own.emit('SIGTERM');
    resolve({
      close: () => {
        closed += 1;
        return Promise.resolve();
      },
    });
    await running;

    expect(await own.exited).toBe(0);
    expect(closed).toBe(1);
  });

  it.each(['unhandledRejection', 'uncaughtException'])('is ended by an error nobody foresaw: %s', async (event) => {
    const own = await run(closing(new Gate()));
    own.emit(event, new Error('forgotten'));

    expect(await own.exited).toBe(1);
  });
});

describe('a process that cannot start', () => {
  it('says in one line what is wrong with its configuration', async () => {
    const own = await run(serviceProgram(sampleService()), { PORT: 'http' });

    expect(own.codes).toEqual([78]);
    expect(own.errors).toBe(
      'sample cannot start: PORT is "http": it must be an integer from 0 to 65535 (HTTP port; 0 picks a free one)\n',
    );
  });

  it('says so of variables that it reads itself, too', async () => {
    const own = await run(serviceProgram(sampleService()), { SHUTDOWN_TIMEOUT_S: 'soon' });

    expect(own.codes).toEqual([78]);
    expect(own.errors).toMatch(/^sample cannot start: SHUTDOWN_TIMEOUT_S is "soon": .*\n$/);
  });

  it('says more when asked to', async () => {
    const own = await run(serviceProgram(sampleService()), { PORT: 'http', LOG_LEVEL: 'debug' });

    expect(own.errors).toMatch(/\n.*ConfigError: PORT.*\n {4}at /);
  });

  it('says what to do when something it needs is away', async () => {
    const away = Object.assign(new Error('no database at db:5432 (ECONNREFUSED)'), { startHint: 'set DATABASE_URL' });
    const own = await run(serviceProgram({ ...sampleService(), module: () => Promise.reject(away) }));

    expect(own.codes).toEqual([1]);
    expect(own.errors).toBe('sample cannot start: no database at db:5432 (ECONNREFUSED): set DATABASE_URL\n');
  });

  it('says what is missing when its modules do not fit together', async () => {
    // Its controller asks for a Gate that nobody provides.
    const module = () => ({ ...SampleModule.with(new Gate()), providers: [] });
    const own = await run(serviceProgram({ ...sampleService(), module }));

    expect(own.codes).toEqual([1]);
    expect(own.errors).toMatch(/^sample cannot start: Nest can't resolve dependencies of the SampleController.*\n$/);
  });
});
