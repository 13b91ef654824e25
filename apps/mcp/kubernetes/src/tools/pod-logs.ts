import { defineTool, tailOf } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { namespaceField, ObjectName, ShortName } from '../arguments.js';
import { type ClusterAnswer, withCluster } from '../cluster.js';
import { failureOf } from '../failures.policy.js';

const maxTextBytes = 256 * 1_024;
// The API server cuts the end off, where the newest lines are: so more is read than is kept.
const maxReadBytes = 8 * 1_048_576;

const logOf = ({ status, text, headers }: ClusterAnswer) => {
  if (status !== 200) throw failureOf(status, text, headers.get('retry-after'));
  const cutAtEnd = Buffer.byteLength(text) >= maxReadBytes;
  const kept = tailOf(text, maxTextBytes);
  return {
    text: kept.text,
    lines: kept.text === '' ? 0 : kept.text.replace(/\n$/, '').split('\n').length,
    truncated: kept.truncated || cutAtEnd,
    ...(cutAtEnd && { note: 'The lines are too long to reach the newest ones: ask for fewer with tail_lines' }),
  };
};

export const podLogs = defineTool({
  name: 'k8s_pod_logs',
  title: 'Read the log of a pod',
  description:
    'Log of a container: its last lines, or those since some seconds ago, also of the instance before the last restart (previous). A pod with several containers needs container.',
  flag: 'read',
  input: z.object({
    ...namespaceField,
    pod: ObjectName,
    container: ShortName.optional(),
    tail_lines: z.int().min(1).max(5_000).default(200),
    since_seconds: z.int().min(1).max(604_800).optional(),
    previous: z.boolean().default(false).describe('of the instance before the last restart'),
    timestamps: z.boolean().default(false),
  }),
  output: z.object({
    pod: z.string(),
    container: z.string().optional(),
    text: z.string(),
    lines: z.int(),
    truncated: z.boolean().describe('older lines were cut off, or the note says what is missing'),
    note: z.string().optional(),
  }),
  examples: [
    { arguments: { namespace: 'web', pod: 'shop-7d4b9c-x2x5p', tail_lines: 50 } },
    { arguments: { pod: 'shop-7d4b9c-x2x5p', container: 'app', previous: true } },
  ],
  run: (args, call) =>
    withCluster(call, async (cluster) => {
      const namespace = args.namespace ?? cluster.namespace;
      const answer = await cluster.ask({
        path: `/api/v1/namespaces/${namespace}/pods/${args.pod}/log`,
        query: {
          container: args.container,
          tailLines: args.tail_lines,
          sinceSeconds: args.since_seconds,
          previous: args.previous,
          timestamps: args.timestamps,
          limitBytes: maxReadBytes,
        },
      });
      return { pod: args.pod, container: args.container, ...logOf(answer) };
    }),
});
