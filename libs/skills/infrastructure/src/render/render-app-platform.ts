// A description as an App Platform spec.
import {
  dedicatedSizes as dedicated,
  type InstanceSize as Size,
  sharedSizes as shared,
} from '../rules/instance-sizes.js';
import {
  type Job,
  type NotExpressed,
  type Probe,
  type Rendering,
  type Service,
  type ServiceDescription,
} from './service-description.js';

type Json = Readonly<Record<string, unknown>>;

const imageName = /^(?:([^/]+\.[^/]+|[^/]+:\d+)\/)?(?:([^/:@]+)\/)?([^:@]+)(?::([^@]+))?(?:@(sha256:[a-f0-9]+))?$/;

/** The registries that App Platform reads, by their host. */
const registryOf = (host: string | undefined): string | undefined => {
  if (host === undefined || host === 'docker.io') return 'DOCKER_HUB';
  if (host === 'ghcr.io') return 'GHCR';
  return host === 'registry.digitalocean.com' ? 'DOCR' : undefined;
};

/** The spec of one description. */
class Spec {
  readonly notExpressed: NotExpressed[] = [];
  readonly documents: readonly Json[];

  constructor(private readonly description: ServiceDescription) {
    const services = description.services.filter(({ ports }) => ports.length > 0);
    const workers = description.services.filter(({ ports }) => ports.length === 0);
    this.documents = [
      {
        name: description.name,
        region: description.region,
        ...(description.ingress && { domains: [{ domain: description.ingress.host, type: 'PRIMARY' }] }),
        ...list(
          'services',
          services.map((one) => this.service(one)),
        ),
        ...list(
          'workers',
          workers.map((one) => this.worker(one)),
        ),
        ...list(
          'jobs',
          description.jobs.map((one) => this.job(one)),
        ),
        ...this.ingress(),
      },
    ];
  }

  private lacks(what: string, reason: string): void {
    this.notExpressed.push({ what, reason });
  }

  private image(one: Service | Job, where: string): Json {
    const [, host, owner, repository = '', tag, digest] = imageName.exec(one.image) ?? [];
    const type = registryOf(host);
    if (type === undefined)
      this.lacks(
        `${where}.image`,
        `App Platform reads Docker Hub, ghcr.io and DigitalOcean's registry, not ${host ?? ''}`,
      );
    return {
      registry_type: type ?? 'DOCKER_HUB',
      // That of DigitalOcean is the one of the account.
      ...(type !== 'DOCR' && { registry: owner ?? 'library' }),
      repository,
      ...(digest === undefined ? { tag: tag ?? 'latest' } : { digest }),
    };
  }

  private envs({ env, secrets }: Service | Job): Json {
    const plain = Object.entries(env).map(([key, value]) => ({ key, value, scope: 'RUN_TIME' }));
    // The value is given in the console or by doctl.
    const secret = secrets.map(({ env: key }) => ({ key, scope: 'RUN_TIME', type: 'SECRET' }));
    return list('envs', [...plain, ...secret]);
  }

  private slug({ resources: { cpu, memory_mb } }: Service | Job, where: string, sizes: readonly Size[]): Json {
    const fitting = sizes.find((one) => one.cpu >= cpu && one.memoryMb >= memory_mb) ?? dedicatedSize(cpu, memory_mb);
    if (fitting !== undefined) return { instance_size_slug: fitting.slug };
    this.lacks(`${where}.resources`, `No size of App Platform has ${cpu} cores and ${memory_mb} MiB`);
    return { instance_size_slug: 'apps-d-8vcpu-32gb' };
  }

  private runnable(one: Service | Job, where: string, sizes: readonly Size[]): Json {
    if (!one.writable_root) this.lacks(`${where}.writable_root`, 'Containers of App Platform can always write');
    if (one.user !== undefined) this.lacks(`${where}.user`, 'It runs as the user of its image');
    return {
      name: one.name,
      image: this.image(one, where),
      ...(one.command && { run_command: one.command.map(quoted).join(' ') }),
      ...this.slug(one, where, sizes),
      ...this.envs(one),
    };
  }

  private running(one: Service): Json {
    const where = `services.${one.name}`;
    for (const { name, persistent } of one.volumes)
      if (persistent) this.lacks(`${where}.volumes.${name}`, 'App Platform has no volumes: use a database or Spaces');
    const scaling = one.autoscaling && {
      autoscaling: {
        min_instance_count: one.autoscaling.min,
        max_instance_count: one.autoscaling.max,
        metrics: { cpu: { percent: one.autoscaling.cpu_percent } },
      },
    };
    return {
      ...this.runnable(one, where, one.autoscaling ? dedicated : [...shared, ...dedicated]),
      ...(scaling ?? { instance_count: one.replicas }),
      termination: { grace_period_seconds: one.stop_s },
    };
  }

  private worker(one: Service): Json {
    const where = `services.${one.name}`;
    if (one.readiness !== undefined)
      this.lacks(`${where}.readiness`, 'Workers of App Platform have no readiness check');
    return { ...this.running(one), ...this.check('liveness_health_check', one.liveness, `${where}.liveness`) };
  }

  private service(one: Service): Json {
    const where = `services.${one.name}`;
    const routed = this.description.ingress?.routes.find(({ service }) => service === one.name);
    const open = one.ports.find(({ name }) => name === routed?.port);
    const inner = one.ports.filter((port) => port !== open);
    for (const { name, protocol } of one.ports)
      if (protocol === 'udp') this.lacks(`${where}.ports.${name}`, 'App Platform has no UDP');
    const more = this.description.ingress?.routes.find(
      ({ service, port }) => service === one.name && port !== open?.name,
    );
    if (more) this.lacks(`ingress.routes ${more.path}`, 'A service of App Platform has one public port');
    return {
      ...this.running(one),
      ...(open && { http_port: open.port }),
      ...list(
        'internal_ports',
        inner.filter(({ protocol }) => protocol === 'tcp').map(({ port }) => port),
      ),
      ...this.check('health_check', one.readiness, `${where}.readiness`),
      ...this.check('liveness_health_check', one.liveness, `${where}.liveness`),
    };
  }

  private check(field: string, probe: Probe | undefined, where: string): Json {
    if (probe === undefined) return {};
    if (probe.command !== undefined) {
      this.lacks(where, 'App Platform asks over HTTP or TCP and runs no command');
      return {};
    }
    const { http, tcp, initial_delay_s, period_s, timeout_s, failures } = probe;
    const port = http?.port ?? tcp?.port;
    return {
      [field]: {
        ...(http && { http_path: http.path }),
        port,
        initial_delay_seconds: initial_delay_s,
        period_seconds: period_s,
        timeout_seconds: timeout_s,
        success_threshold: 1,
        failure_threshold: failures,
      },
    };
  }

  private job(job: Job): Json {
    const where = `jobs.${job.name}`;
    if (job.retries > 0) this.lacks(`${where}.retries`, 'Jobs of App Platform run once');
    const kinds = { before_deploy: 'PRE_DEPLOY', after_deploy: 'POST_DEPLOY', schedule: 'SCHEDULED' } as const;
    return {
      ...this.runnable(job, where, [...shared, ...dedicated]),
      kind: kinds[job.when],
      ...(job.schedule !== undefined && { schedule: { cron: job.schedule, time_zone: job.time_zone } }),
      timeout: `${job.time_limit_s}s`,
    };
  }

  private ingress(): Json {
    const { ingress } = this.description;
    if (ingress === undefined) return {};
    if (!ingress.tls) this.lacks('ingress.tls', 'App Platform always has TLS');
    const rules = ingress.routes.map(({ path, service }) => ({
      match: { path: { prefix: path } },
      component: { name: service, preserve_path_prefix: true },
    }));
    // The longest prefix comes first: the first rule that matches counts.
    return { ingress: { rules: rules.toSorted((a, b) => b.match.path.prefix.length - a.match.path.prefix.length) } };
  }
}

const dedicatedSize = (cpu: number, memoryMb: number): Size | undefined =>
  dedicated.find((one) => one.cpu >= cpu && one.memoryMb >= memoryMb);

const list = (name: string, items: readonly unknown[]): Json => (items.length === 0 ? {} : { [name]: items });

/** For a shell. */
const quoted = (word: string): string =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** The spec as the only document. */
export const renderAppPlatform = (description: ServiceDescription): Rendering => new Spec(description);
