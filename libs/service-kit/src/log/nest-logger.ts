import type { LoggerService } from '@nestjs/common';
import type { Level } from 'pino';

import type { Logger } from './logger.js';

// What these report is thrown as well, and told by whoever started the service.
const rethrown = new Set(['ExceptionHandler', 'NestApplication', 'NestMicroservice']);

/**
 * Sends Nest's own lines through pino: the chatter of its start at debug level, warnings and errors as such.
 * Nest keeps one logger a process, so in embedded mode its lines carry the name of the service that started last.
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

  // Nest appends the context, and before it the stack of an error that comes as text.
  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    const context = rest.at(-1);
    const stack = rest.length > 1 ? rest.at(0) : undefined;
    if (message instanceof Error) this.logger[level]({ context, err: message }, message.message);
    else this.logger[level]({ context, stack }, typeof message === 'string' ? message : JSON.stringify(message));
  }
}
