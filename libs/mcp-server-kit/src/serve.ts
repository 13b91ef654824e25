// A server as its own program: over stdio, or over HTTP with `--http <port>`.
import { parseArgs } from 'node:util';

import { outgoingRulesOf, parseOutgoingEnv } from '@pulser/outgoing/rules';

import type { Hosting } from './call-context.js';
import type { McpServerDefinition } from './definition.js';
import { serveHttp } from './serve-http.js';
import { serveStdio } from './serve-stdio.js';

/** Of Node, for who starts a server as a process: it takes 72 MB instead of 82. */
export const serverNodeFlags = ['--max-semi-space-size=1'] as const;

const run = async (definition: McpServerDefinition): Promise<void> => {
  const { values } = parseArgs({ options: { http: { type: 'string' }, host: { type: 'string' } } });
  const { env } = process;
  const hosting: Hosting = { environment: env, outgoing: outgoingRulesOf(parseOutgoingEnv(env)) };
  if (values.http === undefined) {
    await serveStdio(definition, hosting);
    return;
  }
  const options = { host: values.host, port: Number(values.http), token: env['MCP_HTTP_TOKEN'] };
  const { url } = await serveHttp(definition, hosting, options);
  process.stderr.write(`${definition.name} listens on ${url}\n`);
};

/** The whole of a server's `main.ts`. An error of the start is one line on stderr. */
export const serve = async (definition: McpServerDefinition): Promise<void> => {
  try {
    await run(definition);
  } catch (error) {
    process.stderr.write(`${definition.name}: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
};
