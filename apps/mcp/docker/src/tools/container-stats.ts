import { defineTool, ToolError } from '@pulser/mcp-server-kit';
import type { ContainerStats } from 'dockerode';
import { z } from 'zod';

import { containerField, Time } from '../arguments.js';
import { withEngine } from '../engine.js';
import { blockOf, cpuPercentOf, memoryOf, networkOf } from '../usage.policy.js';

const Output = z.object({
  container: z.string(),
  measured_at: Time,
  cpu_percent: z.number().describe('100 is one whole CPU'),
  cpus: z.int(),
  memory_bytes: z.int().describe('without the page cache'),
  memory_limit_bytes: z.int(),
  memory_percent: z.number(),
  processes: z.int(),
  network: z.object({ received_bytes: z.int(), sent_bytes: z.int() }),
  block: z.object({ read_bytes: z.int(), written_bytes: z.int() }),
});

const sampleOf = (container: string, stats: ContainerStats): z.input<typeof Output> => {
  const memory = memoryOf(stats);
  const { limit } = stats.memory_stats;
  return {
    container,
    measured_at: stats.read,
    cpu_percent: cpuPercentOf(stats),
    cpus: stats.cpu_stats.online_cpus,
    memory_bytes: memory,
    memory_limit_bytes: limit,
    memory_percent: limit > 0 ? Math.round((memory / limit) * 10_000) / 100 : 0,
    processes: stats.pids_stats?.current ?? 0,
    network: networkOf(stats),
    block: blockOf(stats.blkio_stats?.io_service_bytes_recursive),
  };
};

export const containerStats = defineTool({
  name: 'container_stats',
  title: 'Measure a container',
  description:
    'One sample of CPU, memory, processes, network and disk of a running container. Takes one to two seconds.',
  flag: 'read',
  input: z.object(containerField),
  output: Output,
  examples: [{ arguments: { container: 'web' } }],
  run: ({ container }, call) =>
    withEngine(call, async (engine) => {
      const target = engine.getContainer(container);
      const { State } = await target.inspect();
      if (!State.Running)
        throw new ToolError('conflict', `The container ${container} does not run: it is ${State.Status}`);
      return sampleOf(container, await target.stats({ stream: false }));
    }),
});
