// The log of a service: JSON lines by pino, a form for people, and a logger for Nest.
import type { LoggerService } from '@nestjs/common';
import { keptText } from '@pulser/contracts';
import {
  pino,
  stdSerializers,
  stdTimeFunctions,
  type DestinationStream,
  type LevelWithSilent,
  type Logger as PinoLogger,
  type Level,
} from 'pino';
import { z } from 'zod';

import { escapeControlsInJson, oneLine } from './one-line.policy.js';
import { redact } from './redact.policy.js';

/** pino's logger. The value of this name exists for Nest, which injects by class: it is never instantiated. */
export type Logger = PinoLogger;
export const Logger = class Logger {} as unknown as abstract new () => Logger;

export interface LoggerOptions {
  readonly service: string;
  readonly level: LevelWithSilent;
  /** Lines for people instead of JSON. */
  readonly pretty?: boolean;
  /** Source of the trace and tenant ids that each line gets. */
  readonly trace?: { current(): string | undefined; readonly tenantId?: string | undefined };
  /** Standard output when missing. */
  readonly destination?: DestinationStream;
}

const traceIds = (traceparent: string | undefined): object =>
  traceparent === undefined ? {} : { trace_id: traceparent.slice(3, 35), span_id: traceparent.slice(36, 52) };

/** Characters of a text of a logged error, such as its stack. */
const maxErrorText = 8_000;

const bounded = (error: Error): object =>
  Object.fromEntries(
    Object.entries(stdSerializers.err(error)).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'string' ? keptText(value, maxErrorText) : value,
    ]),
  );

/**
 * A structured logger of one service: one JSON object per line with `time`, `level`, `service` and `msg`, secrets redacted.
 * Lines are written before the call returns, so that the last lines of a crashing process are not lost.
 */
export const createLogger = ({ service, level, pretty = false, trace, destination }: LoggerOptions): Logger => {
  const show = (line: string): string => {
    const safe = escapeControlsInJson(redact(line));
    return pretty ? prettyLine(safe) : safe;
  };
  return pino(
    {
      level,
      base: { service },
      timestamp: stdTimeFunctions.isoTime,
      serializers: { err: bounded },
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => ({
        ...traceIds(trace?.current()),
        ...(trace?.tenantId !== undefined && { tenant_id: trace.tenantId }),
      }),
      hooks: { streamWrite: show },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
};

const LogLine = z.looseObject({
  time: z.string(),
  level: z.string(),
  service: z.string(),
  msg: z.string().default(''),
  err: z.looseObject({ stack: z.string().optional() }).optional(),
});

const stackOf = (stack: string | undefined): string =>
  stack === undefined
    ? ''
    : stack
        .split('\n')
        .map((line) => `\n    ${oneLine(line).trim()}`)
        .join('');

const fieldsOf = (fields: object): string =>
  Object.entries(fields)
    .map(([name, value]) => ` ${oneLine(name)}=${oneLine(typeof value === 'string' ? value : JSON.stringify(value))}`)
    .join('');

/** A JSON log line as text for people; a stack trace keeps its lines. */
const prettyLine = (line: string): string => {
  const { time, level, service, msg, err, ...fields } = LogLine.parse(JSON.parse(line));
  const { stack, ...facts } = err ?? {};
  const error = stack === undefined ? {} : { err: facts['message'] };
  const clock = time.slice(11, 23);
  return `${clock} ${level.toUpperCase().padEnd(5)} ${service} ${oneLine(msg)}${fieldsOf({ ...fields, ...error })}${stackOf(stack)}\n`;
};

// What these contexts report is thrown as well, and reported by the caller of startService.
const rethrown = new Set(['ExceptionHandler', 'NestApplication', 'NestMicroservice']);

/**
 * Sends Nest's own lines through pino: its start-up messages at debug level, warnings and errors as such.
 * Nest keeps one logger per process, so in embedded mode its lines carry the name of the service that started last.
 */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write(rethrown.has(String(rest.at(-1))) ? 'debug' : 'error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  // Nest appends the context, preceded by the stack when the error is passed as text.
  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    const context = rest.at(-1);
    const stack = rest.length > 1 ? rest.at(0) : undefined;
    if (message instanceof Error) this.logger[level]({ context, err: message }, message.message);
    else this.logger[level]({ context, stack }, typeof message === 'string' ? message : JSON.stringify(message));
  }
}
