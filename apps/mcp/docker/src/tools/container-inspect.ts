import { defineTool } from '@pulser/mcp-server-kit';
import type { ContainerInspectInfo } from 'dockerode';
import { z } from 'zod';

import { containerField, shortId, Time, timeIn } from '../arguments.js';
import { withEngine } from '../engine.js';

const masked = '***';
const maxHealthOutput = 1_000;

const State = z.object({
  status: z.string(),
  running: z.boolean(),
  exit_code: z.int(),
  out_of_memory: z.boolean(),
  error: z.string().optional(),
  started_at: Time.optional(),
  finished_at: Time.optional(),
});
const Health = z.object({
  status: z.string(),
  failures: z.int().describe('checks that failed in a row'),
  last_output: z.string().optional(),
});
const Mount = z.object({ type: z.string(), source: z.string(), destination: z.string(), writable: z.boolean() });
const Network = z.object({ name: z.string(), ip: z.string().optional(), gateway: z.string().optional() });
const Limits = z.object({
  memory_bytes: z.int().describe('0 for none'),
  cpus: z.number().describe('0 for none'),
  pids: z.int().optional(),
});

const stateOf = ({ State: state }: ContainerInspectInfo): z.input<typeof State> => ({
  status: state.Status,
  running: state.Running,
  exit_code: state.ExitCode,
  out_of_memory: state.OOMKilled,
  error: state.Error === '' ? undefined : state.Error,
  started_at: timeIn(state.StartedAt),
  finished_at: timeIn(state.FinishedAt),
});

const healthOf = ({ State: { Health: health } }: ContainerInspectInfo): z.input<typeof Health> | undefined =>
  health && {
    status: health.Status,
    failures: health.FailingStreak,
    last_output: health.Log.at(-1)?.Output.slice(-maxHealthOutput),
  };

// Values are where passwords are.
const envOf = ({ Config }: ContainerInspectInfo): Record<string, string> =>
  Object.fromEntries(Config.Env.map((variable) => [variable.split('=', 1)[0] ?? '', masked]));

const networksOf = ({ NetworkSettings }: ContainerInspectInfo): z.input<typeof Network>[] =>
  Object.entries(NetworkSettings.Networks).map(([name, { IPAddress, Gateway }]) => ({
    name,
    ip: IPAddress || undefined,
    gateway: Gateway || undefined,
  }));

const portsOf = ({ NetworkSettings }: ContainerInspectInfo): string[] =>
  Object.entries(NetworkSettings.Ports).flatMap(([port, bindings]) => {
    // An exposed port that is not published has null.
    const published = (bindings as typeof bindings | null) ?? [];
    return published.length === 0 ? [port] : published.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}->${port}`);
  });

const limitsOf = ({ HostConfig }: ContainerInspectInfo): z.input<typeof Limits> => ({
  memory_bytes: HostConfig.Memory ?? 0,
  cpus: (HostConfig.NanoCpus ?? 0) / 1e9,
  pids: HostConfig.PidsLimit ?? undefined,
});

// An image may leave out entrypoint or command; an engine then writes null.
const argvOf = (value: string | string[] | null | undefined): string[] =>
  typeof value === 'string' ? [value] : (value ?? []);

export const containerInspect = defineTool({
  name: 'container_inspect',
  title: 'Describe a container',
  description:
    'One container: state, health, command, names of its environment (values are masked), mounts, networks, ports and limits.',
  flag: 'read',
  input: z.object(containerField),
  output: z.object({
    id: z.string(),
    name: z.string(),
    image: z.string(),
    image_id: z.string(),
    created_at: Time,
    state: State,
    health: Health.optional(),
    restarts: z.int(),
    restart_policy: z.string(),
    entrypoint: z.array(z.string()),
    command: z.array(z.string()),
    user: z.string(),
    working_dir: z.string(),
    env: z.record(z.string(), z.string()),
    labels: z.record(z.string(), z.string()),
    mounts: z.array(Mount),
    networks: z.array(Network),
    ports: z.array(z.string()),
    privileged: z.boolean(),
    limits: Limits,
  }),
  examples: [{ arguments: { container: 'web' } }],
  run: ({ container }, call) =>
    withEngine(call, async (engine) => {
      const info = await engine.getContainer(container).inspect();
      return {
        id: shortId(info.Id),
        name: info.Name.replace(/^\//, ''),
        image: info.Config.Image,
        image_id: info.Image,
        created_at: info.Created,
        state: stateOf(info),
        health: healthOf(info),
        restarts: info.RestartCount,
        restart_policy: info.HostConfig.RestartPolicy?.Name || 'no',
        entrypoint: argvOf(info.Config.Entrypoint),
        command: argvOf(info.Config.Cmd),
        user: info.Config.User,
        working_dir: info.Config.WorkingDir,
        env: envOf(info),
        labels: info.Config.Labels,
        mounts: info.Mounts.map(({ Type, Source, Destination, RW }) => ({
          ...{ type: Type, source: Source, destination: Destination, writable: RW },
        })),
        networks: networksOf(info),
        ports: portsOf(info),
        privileged: info.HostConfig.Privileged ?? false,
        limits: limitsOf(info),
      };
    }),
});
