// What would be wrong with a deployment, each planted into one that is right: a text replaced where it stands first, and the
// rule of arkie that must find it.
const gateway = 'kubernetes/plain';
const example = 'kubernetes/example';
const production = 'compose/production.yml';
const app = 'app-platform/pulser.yaml';

const inKubernetes = [
  // Probes, and where they lead.
  { rule: 'k8s-readiness-probe', was: /^ {8}readinessProbe:\n(?: {10}.*\n)+/m, is: '' },
  { rule: 'k8s-liveness-probe', was: /^ {8}livenessProbe:\n(?: {10}.*\n)+/m, is: '' },
  { rule: 'k8s-liveness-dependencies', was: 'path: /health/live', is: 'path: /health/ready' },
  {
    rule: 'k8s-probe-port',
    was: '            path: /health/live\n            port: http',
    is: '            path: /health/live\n            port: web',
  },
  { rule: 'unknown-field', was: 'readinessProbe:', is: 'readinesProbe:' },
  // The restricted PodSecurity standard.
  { rule: 'k8s-run-as-non-root', was: 'runAsNonRoot: true', is: 'runAsNonRoot: false' },
  { rule: 'k8s-read-only-root', was: 'readOnlyRootFilesystem: true', is: 'readOnlyRootFilesystem: false' },
  { rule: 'k8s-privilege-escalation', was: 'allowPrivilegeEscalation: false', is: 'allowPrivilegeEscalation: true' },
  {
    rule: 'k8s-capabilities',
    was: '            drop:\n            - ALL',
    is: '            drop:\n            - CHOWN',
  },
  { rule: 'k8s-seccomp', was: /^ {8}seccompProfile:\n.*\n/m, is: '' },
  { rule: 'k8s-service-account-token', was: '      automountServiceAccountToken: false\n', is: '' },
  { rule: 'k8s-pod-security', was: '    pod-security.kubernetes.io/enforce: restricted\n', is: '' },
  // Resources, images, secrets.
  { rule: 'k8s-memory-limit', was: /^ {10}limits:\n {12}memory: .*\n/m, is: '' },
  { rule: 'k8s-image-tag', was: /pulser-arkie:[\d.]+/, is: 'pulser-arkie:latest' },
  {
    rule: 'k8s-plain-secret',
    was: /name: SECRETS_KEY\n {10}valueFrom:\n(?: {12}.*\n)+/,
    is: 'name: SECRETS_KEY\n          value: c2VjcmV0IG9mIHRlbmFudHM\n',
  },
  { rule: 'k8s-plain-secret', was: 'LOG_LEVEL: info', is: 'METRICS_TOKEN: 4f1c9a7e2b' },
  // Rollouts, drains and scaling.
  { rule: 'k8s-rolling-update', was: 'maxSurge: 1', is: 'maxSurge: 0' },
  { rule: 'k8s-grace-period', was: 'seconds: 5\n', is: 'seconds: 60\n' },
  { rule: 'k8s-pdb-bounds', was: 'maxUnavailable: 1\n  selector', is: 'maxUnavailable: 0\n  selector' },
  { rule: 'k8s-pdb-missing', was: /^apiVersion: policy\/v1\nkind: PodDisruptionBudget\n[^]*?^---\n/m, is: '' },
  { rule: 'k8s-hpa-bounds', was: 'minReplicas: 2', is: 'minReplicas: 5' },
  {
    rule: 'k8s-hpa-replicas',
    was: 'name: gateway\n  namespace: pulser\nspec:\n  minReadySeconds',
    is: 'name: gateway\n  namespace: pulser\nspec:\n  replicas: 2\n  minReadySeconds',
  },
  { rule: 'k8s-hpa-target', was: 'kind: Deployment\n    name: gateway', is: 'kind: Deployment\n    name: gatway' },
  { rule: 'k8s-restart-policy', was: 'restartPolicy: Never', is: 'restartPolicy: Always' },
  // Ways: to pods and between them.
  {
    rule: 'k8s-network-policy',
    was: '  podSelector: {}\n  policyTypes:\n  - Ingress\n  - Egress\n',
    is: '  podSelector: {}\n  policyTypes:\n  - Egress\n',
  },
  {
    rule: 'k8s-service-target',
    was: '  selector:\n    app.kubernetes.io/name: router\n',
    is: '  selector:\n    app.kubernetes.io/name: routr\n',
  },
  { rule: 'k8s-service-port', was: 'targetPort: http', is: 'targetPort: web' },
  {
    rule: 'k8s-ingress-service',
    was: '            name: gateway\n            port:',
    is: '            name: gatway\n            port:',
  },
  { rule: 'k8s-ingress-tls', was: /^ {2}tls:\n(?: {2}[- ] .*\n| {4}.*\n)+/m, is: '' },
].map((fault) => ({ in: gateway, ...fault }));

const inCompose = [
  { rule: 'compose-memory-limit', was: '    mem_limit: 2048m\n', is: '' },
  { rule: 'compose-read-only-root', was: 'read_only: true', is: 'read_only: false' },
  { rule: 'compose-capabilities', was: '  cap_drop:\n    - ALL\n', is: '' },
  { rule: 'compose-privilege-escalation', was: '  security_opt:\n    - no-new-privileges:true\n', is: '' },
  { rule: 'compose-restart', was: '  restart: unless-stopped\n', is: '' },
  { rule: 'compose-image-tag', was: 'image: caddy:2.10', is: 'image: caddy' },
  { rule: 'compose-plain-secret', was: 'SHUTDOWN_TIMEOUT_S: 30', is: 'METRICS_TOKEN: 4f1c9a7e2b' },
  { rule: 'compose-open-port', was: '- 127.0.0.1:9090:9090', is: '- 15432:5432' },
  { rule: 'compose-host-mount', was: '- proxy-data:/data', is: '- /var/run/docker.sock:/data' },
  { rule: 'compose-health-check', was: /^ {4}healthcheck:\n(?: {6}.*\n)+/m, is: '' },
  { rule: 'compose-reference', was: 'secrets: [metrics-token]', is: 'secrets: [metric-token]' },
  { rule: 'unknown-field', was: 'stop_grace_period: 60s', is: 'stop_grace_periods: 60s' },
].map((fault) => ({ in: production, ...fault }));

const inAppPlatform = [
  {
    rule: 'app-plain-secret',
    was: 'key: SECRETS_KEY, scope: RUN_TIME, type: SECRET',
    is: 'key: SECRETS_KEY, scope: RUN_TIME, value: c2VjcmV0IG9mIHRlbmFudHM',
  },
  { rule: 'app-health-check', was: /^ {4}health_check:\n(?: {6}.*\n)+/m, is: '' },
  { rule: 'app-autoscaling', was: 'apps-d-1vcpu-1gb', is: 'apps-s-1vcpu-1gb' },
  { rule: 'app-autoscaling', was: 'min_instance_count: 2', is: 'min_instance_count: 5' },
  { rule: 'app-single-instance', was: 'instance_count: 2\n', is: 'instance_count: 1\n', from: 'name: router' },
  { rule: 'app-deprecated', was: 'apps-s-2vcpu-4gb', is: 'professional-m' },
  { rule: 'app-deprecated', was: '    http_port: 8000\n', is: '    http_port: 8000\n    routes: [{ path: / }]\n' },
  { rule: 'app-ingress-component', was: 'component: { name: gateway', is: 'component: { name: gatway' },
  { rule: 'app-binding', was: '${db.DATABASE_URL}', is: '${database.DATABASE_URL}' },
  { rule: 'app-job-kind', was: '    kind: PRE_DEPLOY\n', is: '' },
  { rule: 'app-termination', was: 'drain_seconds: 15', is: 'drain_seconds: 300' },
  { rule: 'app-port', was: 'http_port: 8000\n', is: 'http_port: 8000\n    internal_ports: [8000]\n' },
  { rule: 'app-source', was: /^ {4}github: .*\n/m, is: '' },
  { rule: 'app-instance-size', was: 'apps-d-1vcpu-1gb', is: 'apps-d-1vcpu-3gb' },
  { rule: 'unknown-field', was: 'http_path:', is: 'http_pth:' },
].map((fault) => ({ in: app, ...fault }));

export const planted = [
  ...inKubernetes,
  ...inCompose,
  ...inAppPlatform,
  {
    in: example,
    rule: 'k8s-pdb-target',
    from: 'kind: PodDisruptionBudget',
    was: '      app.kubernetes.io/name: arkie\n',
    is: '      app.kubernetes.io/name: arki\n',
  },
];

/** @throws when the text does not hold what is to be replaced */
export function faulty(text, { was, is, from = '' }) {
  const start = text.indexOf(from);
  const rest = text.slice(start);
  const changed = rest.replace(was, () => is);
  if (start === -1 || changed === rest) throw new Error(`It does not hold ${String(was)}`);
  return text.slice(0, start) + changed;
}
