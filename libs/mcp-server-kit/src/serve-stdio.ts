// A server as a child of its client: messages on stdin and stdout, one a line.
import { Console } from 'node:console';

import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

import type { Hosting } from './call-context.js';
import type { McpServerDefinition } from './definition.js';
import { protocolServer } from './protocol-server.js';

/** Serves until stdin ends, and then ends the process: nobody else would, when the client was killed. */
export const serveStdio = async (definition: McpServerDefinition, hosting: Hosting): Promise<void> => {
  // Of whatever a library prints, nothing may come between the messages.
  globalThis.console = new Console(process.stderr);
  const leave = (): void => {
    process.exit(0);
  };
  for (const event of ['end', 'close']) process.stdin.once(event, leave);
  process.stdout.once('error', leave);
  const server = protocolServer(definition, hosting);
  // A message that is too long closes the connection too.
  server.server.onclose = leave;
  await server.connect(new StdioServerTransport());
};
