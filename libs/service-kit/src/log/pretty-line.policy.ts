import { z } from 'zod';

import { oneLine } from './one-line.policy.js';

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

/** A JSON log line for human eyes; a stack trace keeps its lines. */
export const prettyLine = (line: string): string => {
  const { time, level, service, msg, err, ...fields } = LogLine.parse(JSON.parse(line));
  const { stack, ...facts } = err ?? {};
  const error = stack === undefined ? {} : { err: facts['message'] };
  const clock = time.slice(11, 23);
  return `${clock} ${level.toUpperCase().padEnd(5)} ${service} ${oneLine(msg)}${fieldsOf({ ...fields, ...error })}${stackOf(stack)}\n`;
};
