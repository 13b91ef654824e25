import { defineTool, ToolError } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { containerField } from '../arguments.js';
import { withEngine } from '../engine.js';
import { OutputCollector } from '../output.js';

const maxBytes = 256 * 1_024;

// The engine takes seconds since 1970; of a duration it would take its own clock.
const sinceOf = ({
  since_seconds,
  since,
}: {
  since_seconds?: number | undefined;
  since?: string | undefined;
}): number => {
  if (since !== undefined) return Math.floor(Date.parse(since) / 1_000);
  return since_seconds === undefined ? 0 : Math.floor(Date.now() / 1_000) - since_seconds;
};

export const containerLogs = defineTool({
  name: 'container_logs',
  title: 'Read the log of a container',
  description:
    'The last lines that a container wrote, or those since a time, stdout and stderr apart. A container with a terminal has stdout alone.',
  flag: 'read',
  input: z.object({
    ...containerField,
    tail: z.int().min(1).max(5_000).default(200).describe('lines'),
    since: z.iso.datetime({ offset: true }).optional(),
    since_seconds: z.int().min(1).max(2_592_000).optional(),
    timestamps: z.boolean().default(false),
  }),
  output: z.object({
    container: z.string(),
    stdout: z.string(),
    stderr: z.string(),
    truncated: z.boolean().describe('older lines were cut off'),
  }),
  examples: [{ arguments: { container: 'web', tail: 50 } }, { arguments: { container: 'web', since_seconds: 600 } }],
  run: ({ container, tail, timestamps, ...args }, call) =>
    withEngine(call, async (engine) => {
      const target = engine.getContainer(container);
      const { Config } = await target.inspect();
      const since = sinceOf(args);
      const bytes = (await target.logs({ stdout: true, stderr: true, tail, timestamps, since })) as unknown;
      if (!Buffer.isBuffer(bytes))
        throw new ToolError('upstream_error', 'The engine answered with something else than a log');
      const collector = new OutputCollector(Config.Tty, maxBytes, 'last');
      collector.add(bytes);
      return { container, ...collector.output };
    }),
});
