// A description as manifests of Kubernetes, by the restricted PodSecurity standard.
import { createHash } from 'node:crypto';

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

const labelsOf = (app: string, name: string): Json => ({
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/part-of': app,
});

const probeOf = ({ http, tcp, command, initial_delay_s, period_s, timeout_s, failures }: Probe): Json => ({
  ...(http && { httpGet: { path: http.path, port: http.port } }),
  ...(tcp && { tcpSocket: { port: tcp.port } }),
  ...(command && { exec: { command } }),
  ...(initial_delay_s > 0 && { initialDelaySeconds: initial_delay_s }),
  periodSeconds: period_s,
  timeoutSeconds: timeout_s,
  failureThreshold: failures,
});

const envOf = ({ env, secrets }: Service | Job): Json[] => [
  ...Object.entries(env).map(([name, value]) => ({ name, value })),
  ...secrets.map(({ env: name, secret, key }) => ({ name, valueFrom: { secretKeyRef: { name: secret, key } } })),
];

const containerOf = (one: Service | Job, own: Json, mounts: readonly Json[]): Json => {
  const env = envOf(one);
  const scratch = one.writable_root ? [] : [{ name: 'scratch', mountPath: '/tmp' }];
  const all = [...mounts, ...scratch];
  return {
    name: one.name,
    image: one.image,
    ...(one.command && { args: one.command }),
    ...(env.length > 0 && { env }),
    ...own,
    resources: {
      requests: { cpu: `${Math.round(one.resources.cpu * 1_000)}m`, memory: `${one.resources.memory_mb}Mi` },
      limits: { memory: `${one.resources.memory_mb}Mi` },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: !one.writable_root,
      capabilities: { drop: ['ALL'] },
    },
    ...(all.length > 0 && { volumeMounts: all }),
  };
};

const podOf = (one: Service | Job, container: Json, own: Json, volumes: readonly Json[]): Json => {
  const scratch = one.writable_root ? [] : [{ name: 'scratch', emptyDir: {} }];
  const all = [...volumes, ...scratch];
  return {
    automountServiceAccountToken: false,
    ...own,
    securityContext: {
      runAsNonRoot: true,
      // The group gives it its volumes.
      ...(one.user !== undefined && { runAsUser: one.user, fsGroup: one.user }),
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [container],
    ...(all.length > 0 && { volumes: all }),
  };
};

/** Manifests of one description. */
class Manifests {
  readonly documents: Json[] = [];
  readonly notExpressed: NotExpressed[] = [];

  constructor(private readonly description: ServiceDescription) {
    for (const job of description.jobs) this.addJob(job);
    for (const service of description.services) this.addService(service);
    this.addIngress();
  }

  private metadata(name: string, of = name): Json {
    const { namespace, name: app } = this.description;
    return { name, namespace, labels: labelsOf(app, of) };
  }

  private selector(name: string): Json {
    return labelsOf(this.description.name, name);
  }

  private addService(service: Service): void {
    this.documents.push(this.workload(service));
    if (service.ports.length > 0 || this.isStateful(service)) this.documents.push(this.networkService(service));
    if (service.autoscaling) this.documents.push(this.autoscaler(service, service.autoscaling));
    if (fewest(service) > 1) this.documents.push(this.disruptionBudget(service));
  }

  private isStateful({ volumes }: Service): boolean {
    return volumes.some(({ persistent }) => persistent);
  }

  private workload(service: Service): Json {
    const stateful = this.isStateful(service);
    const claims = service.volumes.filter(({ persistent }) => persistent);
    const spec = {
      ...(service.autoscaling === undefined && { replicas: service.replicas }),
      ...(stateful && { serviceName: service.name }),
      selector: { matchLabels: this.selector(service.name) },
      ...(!stateful && { strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } }),
      template: { metadata: { labels: this.selector(service.name) }, spec: this.pod(service) },
      ...(stateful && {
        volumeClaimTemplates: claims.map(({ name, size_mb }) => ({
          metadata: { name },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: `${size_mb}Mi` } } },
        })),
      }),
    };
    const kind = stateful ? 'StatefulSet' : 'Deployment';
    return { apiVersion: 'apps/v1', kind, metadata: this.metadata(service.name), spec };
  }

  private pod(service: Service): Json {
    const mounts = service.volumes.map(({ name, path }) => ({ name, mountPath: path }));
    const empty = service.volumes
      .filter(({ persistent }) => !persistent)
      .map(({ name, size_mb }) => ({ name, emptyDir: { sizeLimit: `${size_mb}Mi` } }));
    const container = containerOf(
      service,
      {
        ...(service.ports.length > 0 && {
          ports: service.ports.map(({ name, port, protocol }) => ({
            name,
            containerPort: port,
            protocol: protocol.toUpperCase(),
          })),
        }),
        ...(service.readiness && { readinessProbe: probeOf(service.readiness) }),
        ...(service.liveness && { livenessProbe: probeOf(service.liveness) }),
      },
      mounts,
    );
    return podOf(service, container, { terminationGracePeriodSeconds: service.stop_s }, empty);
  }

  private networkService(service: Service): Json {
    const ports = service.ports.map(({ name, port, protocol }) => ({
      name,
      port,
      targetPort: name,
      protocol: protocol.toUpperCase(),
    }));
    const spec = {
      ...(this.isStateful(service) && { clusterIP: 'None' }),
      selector: this.selector(service.name),
      ...(ports.length > 0 && { ports }),
    };
    return { apiVersion: 'v1', kind: 'Service', metadata: this.metadata(service.name), spec };
  }

  private autoscaler(service: Service, { min, max, cpu_percent }: NonNullable<Service['autoscaling']>): Json {
    const spec = {
      scaleTargetRef: {
        apiVersion: 'apps/v1',
        kind: this.isStateful(service) ? 'StatefulSet' : 'Deployment',
        name: service.name,
      },
      minReplicas: min,
      maxReplicas: max,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpu_percent } },
        },
      ],
    };
    return {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: this.metadata(service.name),
      spec,
    };
  }

  private disruptionBudget({ name }: Service): Json {
    const spec = { maxUnavailable: 1, selector: { matchLabels: this.selector(name) } };
    return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: this.metadata(name), spec };
  }

  private jobSpec(job: Job): Json {
    return {
      backoffLimit: job.retries,
      activeDeadlineSeconds: job.time_limit_s,
      template: {
        metadata: { labels: this.selector(job.name) },
        spec: podOf(job, containerOf(job, {}, []), { restartPolicy: 'Never' }, []),
      },
    };
  }

  private addJob(job: Job): void {
    if (job.when === 'schedule') {
      this.documents.push(this.cronJob(job));
      return;
    }
    const spec = this.jobSpec(job);
    // The template of a job cannot change: what differs has another name.
    const digest = createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 8);
    this.documents.push({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: this.metadata(`${job.name}-${digest}`, job.name),
      spec,
    });
    this.notExpressed.push({
      what: `jobs.${job.name}.when`,
      reason: `Manifests have no order: apply this Job ${job.when === 'before_deploy' ? 'and wait for it before' : 'after'} the rest`,
    });
  }

  private cronJob(job: Job): Json {
    const spec = {
      schedule: job.schedule,
      timeZone: job.time_zone,
      concurrencyPolicy: 'Forbid',
      jobTemplate: { spec: this.jobSpec(job) },
    };
    return { apiVersion: 'batch/v1', kind: 'CronJob', metadata: this.metadata(job.name), spec };
  }

  private addIngress(): void {
    const { ingress, name } = this.description;
    if (ingress === undefined) return;
    const paths = ingress.routes.map(({ path, service, port }) => ({
      path,
      pathType: 'Prefix',
      backend: { service: { name: service, port: { name: port } } },
    }));
    const spec = {
      ...(ingress.tls && { tls: [{ hosts: [ingress.host], secretName: `${name}-tls` }] }),
      rules: [{ host: ingress.host, http: { paths } }],
    };
    this.documents.push({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: this.metadata(name), spec });
    if (ingress.tls)
      this.notExpressed.push({
        what: 'ingress.tls',
        reason: `Who puts the certificate into the Secret ${name}-tls depends on the cluster (cert-manager, for instance)`,
      });
  }
}

/** The manifests, in an order in which they can be applied. */
export const renderKubernetes = (description: ServiceDescription): Rendering => new Manifests(description);
