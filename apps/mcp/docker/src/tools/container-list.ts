import { defineTool } from '@pulser/mcp-server-kit';
import type { ContainerInfo, Port } from 'dockerode';
import { z } from 'zod';

import { pageAnswer, pageFields, pageOf, shortId, Time, timeOf } from '../arguments.js';
import { withEngine } from '../engine.js';

const Container = z.object({
  id: z.string(),
  name: z.string(),
  image: z.string(),
  state: z.string().describe('created, running, paused, restarting, removing, exited or dead'),
  status: z.string().describe('such as: Up 3 minutes (healthy)'),
  ports: z.array(z.string()).describe('such as 0.0.0.0:8080->80/tcp'),
  labels: z.record(z.string(), z.string()),
  created_at: Time,
});

const portOf = ({ IP, PrivatePort, PublicPort, Type }: Partial<Port>): string =>
  PublicPort === undefined ? `${PrivatePort}/${Type}` : `${IP ?? ''}:${PublicPort}->${PrivatePort}/${Type}`;

const viewOf = (info: ContainerInfo): z.input<typeof Container> => ({
  id: shortId(info.Id),
  name: (info.Names[0] ?? '').replace(/^\//, ''),
  image: info.Image,
  state: info.State,
  status: info.Status,
  ports: info.Ports.map(portOf),
  labels: info.Labels,
  created_at: timeOf(info.Created),
});

const filter = z.string().min(1).max(300).optional();
const Input = z.object({
  all: z.boolean().default(false).describe('also those that do not run'),
  name: filter.describe('part of the name'),
  label: filter.describe('such as app or app=web'),
  status: z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']).optional(),
  ...pageFields,
});

const filtersOf = ({ name, label, status }: z.output<typeof Input>): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries({ name, label, status }).flatMap(([key, value]) => (value === undefined ? [] : [[key, [value]]])),
  );

export const containerList = defineTool({
  name: 'container_list',
  title: 'List containers',
  description: 'Lists running containers, or with all every container, newest first, with state, image and ports.',
  flag: 'read',
  input: Input,
  output: z.object({ containers: z.array(Container), ...pageAnswer }),
  examples: [{ arguments: {} }, { arguments: { all: true, label: 'app=web', limit: 20 } }],
  run: (args, call) =>
    withEngine(call, async (engine) => {
      const found = await engine.listContainers({
        all: args.all || args.status !== undefined,
        filters: filtersOf(args),
      });
      const sorted = found.toSorted((a, b) => b.Created - a.Created || a.Id.localeCompare(b.Id));
      const { page, ...rest } = pageOf(sorted.map(viewOf), args);
      return { containers: page, ...rest };
    }),
});
