// What a new container is: limits always, and nothing that would let it out.
import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import { z } from 'zod';

import { ContainerName } from './arguments.js';
import { ImageName } from './reference.policy.js';

const Text = z.string().max(4_096);
const EnvName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/);
const PortNumber = z.int().min(1).max(65_535);

/** All that a caller can say of a new container; whatever else an engine knows is refused as an unknown argument. */
export const RunInput = z.object({
  image: z.string().max(400).pipe(ImageName).describe('one of DOCKER_ALLOWED_IMAGES'),
  name: ContainerName.optional(),
  command: z.array(Text).max(100).optional().describe('arguments, or the program where the image has no entrypoint'),
  entrypoint: z.array(Text).min(1).max(20).optional(),
  env: z.record(EnvName, z.string().max(10_000)).default({}),
  working_dir: Text.regex(/^\//).optional(),
  user: z
    .string()
    .max(64)
    .regex(/^[\w-]+(:[\w-]+)?$/)
    .optional(),
  labels: z.record(z.string().min(1).max(200), z.string().max(1_000)).default({}),
  ports: z
    .array(
      z.strictObject({
        container: PortNumber,
        host: PortNumber.min(1_024).optional().describe('by default a free one'),
        protocol: z.enum(['tcp', 'udp']).default('tcp'),
        public: z
          .boolean()
          .default(false)
          .describe("on all addresses of the engine's machine, not on its loopback alone"),
      }),
    )
    .max(20)
    .default([]),
  network: z.enum(['bridge', 'none']).default('bridge'),
  memory_mb: z.int().min(16).max(8_192).default(256),
  cpus: z.number().min(0.05).max(8).default(1),
  pids: z.int().min(8).max(4_096).default(128),
  read_only: z.boolean().default(false).describe('root file system; /tmp stays writable'),
  restart: z.enum(['no', 'on-failure', 'unless-stopped']).default('no'),
});
export type RunInput = z.output<typeof RunInput>;

// Of the engine's default set: forging packets, devices, and audit records that nothing in an ordinary image needs.
const dropped = ['AUDIT_WRITE', 'MKNOD', 'NET_RAW', 'SETFCAP'];
const megabyte = 1_048_576;
const logLimits = { 'max-size': '10m', 'max-file': '3' };
const maxRestarts = 5;

const portKey = ({ container, protocol }: RunInput['ports'][number]): string => `${container}/${protocol}`;

interface Binding {
  readonly HostIp: string;
  readonly HostPort: string;
}

const bindingsOf = ({ ports }: RunInput): Record<string, Binding[]> => {
  const keys = [...new Set(ports.map(portKey))];
  const of = (key: string) => ports.filter((port) => portKey(port) === key);
  return Object.fromEntries(
    keys.map((key) => [
      key,
      of(key).map(({ host, public: open }) => ({
        HostIp: open ? '' : '127.0.0.1',
        HostPort: host === undefined ? '' : String(host),
      })),
    ]),
  );
};

const hostConfigOf = (input: RunInput): HostConfig => ({
  Memory: input.memory_mb * megabyte,
  // Memory and swap together: no swap.
  MemorySwap: input.memory_mb * megabyte,
  NanoCpus: Math.round(input.cpus * 1e9),
  PidsLimit: input.pids,
  Privileged: false,
  CapDrop: dropped,
  SecurityOpt: ['no-new-privileges'],
  NetworkMode: input.network,
  ReadonlyRootfs: input.read_only,
  ...(input.read_only && { Tmpfs: { '/tmp': 'rw,noexec,nosuid,size=64m' } }),
  PublishAllPorts: false,
  PortBindings: bindingsOf(input),
  RestartPolicy: { Name: input.restart, ...(input.restart === 'on-failure' && { MaximumRetryCount: maxRestarts }) },
  // Reaps what the program leaves behind, and hands signals on.
  Init: true,
  LogConfig: { Type: 'json-file', Config: logLimits },
});

/** Marks what this server has made. */
export const madeHere = { 'io.pulser.made-by': 'mcp-docker' };
/** Says which intended call has made a container: a repeat of it makes no second one. */
export const keyLabel = 'io.pulser.idempotency-key';

/**
 * @param image the name that the list of allowed images covers
 * @param key of the call, where its caller gave one
 */
export const createOptions = (input: RunInput, image: string, key: string | undefined): ContainerCreateOptions => ({
  Image: image,
  ...(input.command && { Cmd: input.command }),
  ...(input.entrypoint && { Entrypoint: input.entrypoint }),
  Env: Object.entries(input.env).map(([name, value]) => `${name}=${value}`),
  ...(input.working_dir !== undefined && { WorkingDir: input.working_dir }),
  ...(input.user !== undefined && { User: input.user }),
  Labels: { ...input.labels, ...madeHere, ...(key !== undefined && { [keyLabel]: key }) },
  ExposedPorts: Object.fromEntries(input.ports.map((port) => [portKey(port), {}])),
  Tty: false,
  OpenStdin: false,
  HostConfig: hostConfigOf(input),
});
