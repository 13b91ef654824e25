import { Tracer } from '../trace/tracer.js';
import { createLogger, type Logger, type LoggerOptions, NestLogger } from './logger.js';

const recorder = (options: Partial<LoggerOptions> = {}): { logger: Logger; lines: string[] } => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { logger: createLogger({ service: 'router', level: 'info', destination, ...options }), lines };
};

const parsed = (line: string | undefined): Record<string, unknown> =>
  JSON.parse(line ?? '{}') as Record<string, unknown>;

describe('a logger', () => {
  it('writes one JSON object a line', () => {
    const { logger, lines } = recorder();
    logger.info({ task: 7 }, 'done');
    logger.debug('not shown');

    expect(lines).toHaveLength(1);
    expect(parsed(lines[0])).toEqual({
      time: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
      level: 'info',
      service: 'router',
      task: 7,
      msg: 'done',
    });
  });

  it('says for which tenant the work is done, once that is known, in all that follows from it', () => {
    const tracer = new Tracer();
    const { logger, lines } = recorder({ trace: tracer });
    tracer.startSpan('work', 'internal').run(() => {
      logger.info('who is it?');
      tracer.workFor('acme');
      tracer.startSpan('part', 'internal').run(() => {
        logger.info('for acme');
      });
    });
    tracer.startSpan('other', 'internal').run(() => {
      logger.info('for nobody');
    });
    expect(lines.map((line) => parsed(line)['tenant_id'])).toEqual([undefined, 'acme', undefined]);
  });

  it('says which trace a line belongs to', async () => {
    const tracer = new Tracer();
    const { logger, lines } = recorder({ trace: tracer });
    const span = tracer.startSpan('work', 'internal');
    await span.run(async () => {
      await Promise.resolve();
      logger.info('inside');
    });
    logger.info('outside');

    expect(parsed(lines[0])).toMatchObject({ trace_id: span.traceId, span_id: span.spanId });
    expect(parsed(lines[1])).not.toHaveProperty('trace_id');
  });

  it('is not broken by control characters from outside', () => {
    const { logger, lines } = recorder();
    const evil = 'a\r\nb\u0000\u001b[2J\u0085\u009b\u2028\u2029c"\\';
    logger.info({ evil, [evil]: 1 }, evil);

    expect(lines).toHaveLength(1);
    expect(lines[0]?.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    expect(parsed(lines[0])).toMatchObject({ evil, msg: evil });
  });

  it('redacts secrets, in children and in errors too', () => {
    const { logger, lines } = recorder();
    const err = Object.assign(new Error('failed'), { config: { headers: { authorization: 'Basic c2VjcmV0' } } });
    logger.child({ apiKey: 'key-1' }).error({ err, user: { password: 'hunter2' } }, 'amqp://a:hunter3@b');

    expect(lines[0]).not.toMatch(/c2VjcmV0|key-1|hunter/);
    expect(parsed(lines[0])).toMatchObject({ err: { type: 'Error', message: 'failed' } });
  });

  it('can be read by people', () => {
    const { logger, lines } = recorder({ pretty: true });
    logger.warn({ queue: 'a\nb', n: { m: 1 } }, 'full\u001b');
    logger.error({ err: new Error('broken') }, 'oh');

    logger.info({ 'n\u009b\u2028': { 'k\u001b[31m': 'v\u0085\r\nforged' } }, 'm\u0000');
    expect(lines[2]?.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}router full\\u001b queue=a b n=\{"m":1\}\n$/);
    expect(lines[1]).toMatch(/ERROR router oh err=broken\n {4}Error: broken\n {4}at /);
  });
});

describe("Nest's own lines", () => {
  const nest = (level: 'trace' | 'info'): { logger: NestLogger; lines: string[] } => {
    const { logger, lines } = recorder({ level });
    return { logger: new NestLogger(logger), lines };
  };

  it('go to debug level, warnings and errors to their own', () => {
    const { logger, lines } = nest('trace');
    logger.log('Starting', 'NestFactory');
    logger.debug('d', 'X');
    logger.verbose({ a: 1 }, 'X');
    logger.warn('careful', 'Router');
    logger.error('broken', 'Error: broken\n at x', 'Router');
    logger.fatal(new Error('dead'), 'Router');

    expect(lines.map(parsed)).toMatchObject([
      { level: 'debug', msg: 'Starting', context: 'NestFactory' },
      { level: 'debug', msg: 'd' },
      { level: 'trace', msg: '{"a":1}' },
      { level: 'warn', msg: 'careful' },
      { level: 'error', msg: 'broken', stack: 'Error: broken\n at x', context: 'Router' },
      { level: 'fatal', msg: 'dead', err: { message: 'dead' } },
    ]);
  });

  it('are not repeated when Nest throws the same error', () => {
    const { logger, lines } = nest('info');
    logger.error(new Error('cannot resolve'), 'ExceptionHandler');

    expect(lines).toEqual([]);
  });
});

describe('an error with 20 MB of text', () => {
  it('is logged with its start, and how much is missing', () => {
    const { logger, lines } = recorder();
    logger.warn({ err: new Error('x'.repeat(20_000_000)) }, 'no');
    expect(lines[0]?.length).toBeLessThan(30_000);
    expect(parsed(lines[0])['err']).toMatchObject({
      type: 'Error',
      message: expect.stringMatching(/^x+\.\.\. \([\d,]+ more characters\)$/) as string,
    });
  });
});
