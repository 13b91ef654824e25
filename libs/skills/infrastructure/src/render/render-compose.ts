// A description as a compose file for one machine.
import {
  fewest,
  type Job,
  type NotExpressed,
  type Probe,
  type Rendering,
  type Service,
  type ServiceDescription,
} from './service-description.js';

type Json = Readonly<Record<string, unknown>>;

/** `$` begins a variable of compose. */
const literal = (text: string): string => text.replaceAll('$', '$$$$');

/** Variables of `.env` for secrets: two services may call one secret by different names, or two secrets by one. */
class SecretVariables {
  private readonly names = new Map<string, string>();

  nameOf(secret: string, key: string): string {
    const id = JSON.stringify([secret, key]);
    const known = this.names.get(id);
    if (known !== undefined) return known;
    const plain = `${secret}_${key}`.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
    const taken = [...this.names.values()].filter((name) => name === plain || name.startsWith(`${plain}__`)).length;
    const name = taken === 0 ? plain : `${plain}__${taken + 1}`;
    this.names.set(id, name);
    return name;
  }
}

/** The compose file of one description. */
class ComposeFile {
  readonly notExpressed: NotExpressed[] = [];
  readonly documents: readonly Json[];
  private readonly before: readonly Job[];
  private readonly variables = new SecretVariables();

  constructor(private readonly description: ServiceDescription) {
    const { name, services, jobs, ingress } = description;
    this.before = jobs.filter(({ when }) => when === 'before_deploy');
    const all = Object.fromEntries([
      ...jobs.map((job) => [job.name, this.job(job)] as const),
      ...services.map((service) => [service.name, this.service(service)] as const),
    ]);
    const volumes = services.flatMap((one) =>
      one.volumes.filter(({ persistent }) => persistent).map((volume) => [volumeName(one, volume.name), {}]),
    );
    this.documents = [
      { name, services: all, ...(volumes.length > 0 && { volumes: Object.fromEntries(volumes) as Json }) },
    ];
    if (ingress !== undefined)
      this.lacks(
        'ingress',
        `Compose has no ingress: put a reverse proxy for ${ingress.host} before the published ports`,
      );
  }

  private lacks(what: string, reason: string): void {
    this.notExpressed.push({ what, reason });
  }

  private runnable(one: Service | Job, tmpfs: readonly string[]): Json {
    const scratch = [...(one.writable_root ? [] : ['/tmp']), ...tmpfs];
    return {
      image: one.image,
      ...(one.command && { command: one.command.map(literal) }),
      ...(one.user !== undefined && { user: String(one.user) }),
      ...(!one.writable_root && { read_only: true }),
      ...(scratch.length > 0 && { tmpfs: scratch }),
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      ...this.environment(one),
    };
  }

  private environment({ env, secrets }: Service | Job): Json {
    const all = {
      ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, literal(value)])),
      ...Object.fromEntries(
        secrets.map(({ env: name, secret, key }) => [
          name,
          `\${${this.variables.nameOf(secret, key)}:?${key} of ${secret}}`,
        ]),
      ),
    };
    return Object.keys(all).length === 0 ? {} : { environment: all };
  }

  private service(one: Service): Json {
    const where = `services.${one.name}`;
    const { autoscaling, volumes } = one;
    if (autoscaling) this.lacks(`${where}.autoscaling`, `Compose does not scale by itself: ${autoscaling.min} run`);
    const empty = volumes.filter(({ persistent }) => !persistent);
    const kept = volumes.filter(({ persistent }) => persistent);
    for (const { name, size_mb } of kept)
      this.lacks(`${where}.volumes.${name}.size_mb`, `Volumes of compose have no size: ${size_mb} MiB are not held`);
    return {
      ...this.runnable(
        one,
        empty.map(({ path, size_mb }) => `${path}:size=${size_mb}m`),
      ),
      restart: 'unless-stopped',
      stop_grace_period: `${one.stop_s}s`,
      ...this.dependsOn(),
      ...(kept.length > 0 && { volumes: kept.map(({ name, path }) => `${volumeName(one, name)}:${path}`) }),
      ...this.ports(one, where),
      ...this.healthCheck(one, where),
      deploy: { replicas: fewest(one), resources: this.resources(one, where) },
    };
  }

  private resources({ resources: { cpu, memory_mb } }: Service | Job, where: string): Json {
    this.lacks(`${where}.resources.cpu`, `Compose reserves no cores on one machine: ${cpu} are not held`);
    return { limits: { memory: `${memory_mb}m` } };
  }

  private dependsOn(): Json {
    if (this.before.length === 0) return {};
    const conditions = this.before.map(({ name }) => [name, { condition: 'service_completed_successfully' }]);
    return { depends_on: Object.fromEntries(conditions) as Json };
  }

  private ports(one: Service, where: string): Json {
    const routed = this.description.ingress?.routes.filter(({ service }) => service === one.name) ?? [];
    const open = one.ports.filter(({ name }) => routed.some(({ port }) => port === name));
    const inner = one.ports.filter((port) => !open.includes(port));
    // Several containers cannot have one port of the machine: it gets any free one.
    const several = fewest(one) > 1;
    if (several && open.length > 0)
      this.lacks(`${where}.ports`, 'Several containers share no port of the machine: each gets a free one');
    const published = open.map(({ port, protocol }) =>
      several ? `127.0.0.1::${port}/${protocol}` : `127.0.0.1:${port}:${port}/${protocol}`,
    );
    return {
      ...(published.length > 0 && { ports: published }),
      ...(inner.length > 0 && { expose: inner.map(({ port, protocol }) => `${port}/${protocol}`) }),
    };
  }

  private healthCheck({ readiness, liveness }: Service, where: string): Json {
    const probe = [readiness, liveness].find((one) => one?.command !== undefined);
    for (const [name, one] of Object.entries({ readiness, liveness }))
      if (one !== undefined && one !== probe) this.lacks(`${where}.${name}`, whyNoCheck(one, probe));
    if (probe?.command === undefined) return {};
    return {
      healthcheck: {
        test: ['CMD', ...probe.command.map(literal)],
        interval: `${probe.period_s}s`,
        timeout: `${probe.timeout_s}s`,
        retries: probe.failures,
        ...(probe.initial_delay_s > 0 && { start_period: `${probe.initial_delay_s}s` }),
      },
    };
  }

  private job(job: Job): Json {
    const where = `jobs.${job.name}`;
    this.lacks(`${where}.time_limit_s`, 'Compose stops no container after a time');
    if (job.when === 'schedule')
      this.lacks(`${where}.schedule`, 'Compose has no schedules: start it by cron, docker compose run');
    return {
      ...this.runnable(job, []),
      restart: job.retries === 0 ? 'no' : `on-failure:${job.retries}`,
      ...(job.when === 'schedule' && { profiles: ['jobs'] }),
      ...(job.when === 'after_deploy' && { depends_on: this.description.services.map(({ name }) => name) }),
      deploy: { resources: this.resources(job, where) },
    };
  }
}

const whyNoCheck = ({ http, tcp }: Probe, used: Probe | undefined): string => {
  if (used !== undefined) return 'A service of compose has one health check';
  const what = http === undefined ? `port ${tcp?.port ?? ''}` : `http://127.0.0.1:${http.port}${http.path}`;
  return `The health check runs in the container: asking ${what} needs a program of the image, so give a command`;
};

const volumeName = ({ name }: Service, volume: string): string => `${name}-${volume}`;

/** The file as the only document. */
export const renderCompose = (description: ServiceDescription): Rendering => new ComposeFile(description);
