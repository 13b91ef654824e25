type Line = (facts: object, text: string) => void;

/** Where the broker's own events are told; pino's loggers fit. */
export interface BrokerLog {
  info: Line;
  warn: Line;
  error: Line;
}
