import { pino, stdTimeFunctions, type DestinationStream, type LevelWithSilent, type Logger as PinoLogger } from 'pino';

import { escapeControlsInJson } from './one-line.policy.js';
import { prettyLine } from './pretty-line.policy.js';
import { redact } from './redact.policy.js';

/** pino's logger. The value of this name exists for Nest, which injects by class: it is never instantiated. */
export type Logger = PinoLogger;
export const Logger = class Logger {} as unknown as abstract new () => Logger;

export interface LoggerOptions {
  readonly service: string;
  readonly level: LevelWithSilent;
  /** For human eyes instead of JSON. */
  readonly pretty?: boolean;
  /** Knows the current span, so that every line says which trace and which tenant it belongs to. */
  readonly trace?: { current(): string | undefined; readonly tenantId?: string | undefined };
  /** Standard output when missing. */
  readonly destination?: DestinationStream;
}

const traceIds = (traceparent: string | undefined): object =>
  traceparent === undefined ? {} : { trace_id: traceparent.slice(3, 35), span_id: traceparent.slice(36, 52) };

/**
 * A structured logger of one service: one JSON object a line with `time`, `level`, `service` and `msg`, secrets redacted.
 * Lines are written before the call returns, so that the last words of a dying process are not lost.
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
