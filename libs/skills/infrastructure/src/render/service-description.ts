// What a set of services needs, in words that no one target owns.
import { z } from 'zod';

/** A DNS label, short enough for App Platform. */
const Name = z.string().regex(/^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/, 'Small letters, digits and -, 32 at most');
const VariableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/);
const Text = z.string().min(1).max(1_000);
const Seconds = z.int().min(1).max(86_400);

const Probe = z
  .strictObject({
    http: z.strictObject({ path: z.string().startsWith('/').max(500), port: z.int().min(1).max(65_535) }).optional(),
    tcp: z.strictObject({ port: z.int().min(1).max(65_535) }).optional(),
    command: z.array(Text).min(1).max(50).optional(),
    initial_delay_s: z.int().min(0).max(3_600).default(0),
    period_s: Seconds.max(300).default(10),
    timeout_s: Seconds.max(120).default(1),
    failures: z.int().min(1).max(50).default(3),
  })
  .refine(
    ({ http, tcp, command }) => [http, tcp, command].filter((one) => one !== undefined).length === 1,
    'A probe has one of http, tcp and command',
  )
  .refine(({ period_s, timeout_s }) => timeout_s <= period_s, 'timeout_s is at most period_s');
export type Probe = z.infer<typeof Probe>;

const Port = z.strictObject({
  name: z.string().regex(/^[a-z](?:[a-z0-9-]{0,13}[a-z0-9])?$/),
  port: z.int().min(1).max(65_535),
  protocol: z.enum(['tcp', 'udp']).default('tcp'),
});

const Resources = z.strictObject({
  cpu: z.number().min(0.01).max(64).meta({ description: 'Cores that it usually needs' }),
  memory_mb: z.int().min(16).max(262_144).meta({ description: 'MiB that it may use at most' }),
});

const Secret = z.strictObject({
  env: VariableName,
  secret: Name.meta({ description: 'Where the value is kept; it is never part of a description' }),
  key: z.string().regex(/^[A-Za-z0-9._-]{1,253}$/),
});

const Volume = z.strictObject({
  name: Name,
  path: z.string().startsWith('/').max(500),
  size_mb: z.int().min(1).max(16_777_216),
  persistent: z.boolean().meta({ description: 'false: empty at each start' }),
});

const Runnable = {
  name: Name,
  image: z
    .string()
    .regex(/^(?:[a-z0-9.-]+(?::\d+)?\/)?[a-z0-9._/-]+(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[a-f0-9]{64})?$/)
    .max(500),
  command: z.array(Text).min(1).max(100).optional(),
  env: z.record(VariableName, z.string().max(10_000)).default({}),
  secrets: z.array(Secret).max(100).default([]),
  resources: Resources,
  user: z
    .int()
    .min(1)
    .max(4_294_967_294)
    .optional()
    .meta({ description: 'Without, that of the image, which must not be root' }),
  writable_root: z.boolean().default(false),
};

const Autoscaling = z
  .strictObject({
    min: z.int().min(1).max(250),
    max: z.int().min(1).max(250),
    cpu_percent: z.int().min(1).max(100),
  })
  .refine(({ min, max }) => min <= max, 'min is at most max');

const differIn = <Key extends string>(items: readonly Readonly<Record<Key, unknown>>[], key: Key): boolean =>
  new Set(items.map((item) => item[key])).size === items.length;

const Service = z
  .strictObject({
    ...Runnable,
    ports: z
      .array(Port)
      .max(20)
      .default([])
      .refine((all) => differIn(all, 'name'), 'Two ports have one name'),
    replicas: z.int().min(1).max(250).default(1),
    autoscaling: Autoscaling.optional(),
    readiness: Probe.optional(),
    liveness: Probe.optional(),
    volumes: z
      .array(Volume)
      .max(20)
      .default([])
      .refine((all) => differIn(all, 'name'), 'Two volumes have one name'),
    stop_s: Seconds.max(600).default(30).meta({ description: 'Seconds to end what runs' }),
  })
  .refine(({ ports, readiness }) => ports.length === 0 || readiness !== undefined, 'What has ports needs a readiness');
export type Service = z.infer<typeof Service>;

const Job = z
  .strictObject({
    ...Runnable,
    when: z.enum(['before_deploy', 'after_deploy', 'schedule']),
    schedule: z.string().max(100).optional().meta({ description: 'Five fields of cron' }),
    time_zone: z.string().max(60).default('Etc/UTC'),
    retries: z.int().min(0).max(10).default(0),
    time_limit_s: Seconds.default(3_600),
  })
  .refine(
    ({ when, schedule }) => (when === 'schedule') === (schedule !== undefined),
    'schedule goes with when: schedule',
  );
export type Job = z.infer<typeof Job>;

const Ingress = z.strictObject({
  host: z.string().regex(/^[a-z0-9.-]{1,253}$/),
  tls: z.boolean().default(true),
  routes: z
    .array(z.strictObject({ path: z.string().startsWith('/').max(500), service: Name, port: z.string().max(15) }))
    .min(1)
    .max(100)
    .refine((all) => differIn(all, 'path'), 'Two routes have one path'),
});

const namesRoutes = ({ services, ingress }: { services: readonly Service[]; ingress?: unknown }): boolean => {
  const routes = (ingress as z.infer<typeof Ingress> | undefined)?.routes ?? [];
  return routes.every(({ service, port }) =>
    services.some((one) => one.name === service && one.ports.some(({ name }) => name === port)),
  );
};

export const ServiceDescription = z
  .strictObject({
    name: Name,
    namespace: Name.default('default').meta({ description: 'Of Kubernetes' }),
    region: z
      .string()
      .regex(/^[a-z]{3}$/)
      .default('fra')
      .meta({ description: 'Of App Platform' }),
    services: z.array(Service).min(1).max(50),
    jobs: z.array(Job).max(50).default([]),
    ingress: Ingress.optional(),
  })
  .refine(({ services, jobs }) => differIn([...services, ...jobs], 'name'), 'Two services or jobs have one name')
  .refine(namesRoutes, 'A route leads to a service and port that are not described');
export type ServiceDescription = z.infer<typeof ServiceDescription>;

/** How many of it there are at least. */
export const fewest = ({ autoscaling, replicas }: Service): number => autoscaling?.min ?? replicas;

/** What one target cannot say. */
export interface NotExpressed {
  readonly what: string;
  readonly reason: string;
}

/** A rendered target. */
export interface Rendering {
  /** In the order in which they stand in the file. */
  readonly documents: readonly unknown[];
  readonly notExpressed: readonly NotExpressed[];
}
