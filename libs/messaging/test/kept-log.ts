import type { BrokerLog } from '../src/index.js';

interface KeptLog extends BrokerLog {
  readonly lines: string[];
}

/** A log that a test can read. */
export const keptLog = (): KeptLog => {
  const lines: string[] = [];
  const keep =
    (level: string) =>
    (_facts: object, text: string): void =>
      void lines.push(`${level}: ${text}`);
  return { lines, info: keep('info'), warn: keep('warn'), error: keep('error') };
};
