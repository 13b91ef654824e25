// The spec of App Platform, from the roster.
import { deployedServices, toolConnections } from './deployed.mjs';

/** Sizes by the memory that they have, in MB; the gateway scales, which takes a dedicated one. */
const sizes = [
  [1024, 'apps-s-1vcpu-1gb'],
  [2048, 'apps-s-1vcpu-2gb'],
  [4096, 'apps-s-2vcpu-4gb'],
];
const sizeOf = ({ memoryMb }) => sizes.find(([memory]) => memory >= memoryMb)[1];

/** Connections of one pool: a managed PostgreSQL has few, and a deployment runs old and new instances side by side. */
const poolMax = { service: 3, agent: 2 };
const instances = ({ name }) => (name === 'gateway' ? 4 : 2);
const connections = (services) =>
  toolConnections +
  2 * services.reduce((sum, service) => sum + instances(service) * service.pools * poolMax[service.kind], 0);

const variable = (key, value) => `      - { key: ${key}, scope: RUN_TIME, value: '${value}' }\n`;
const secret = (key) => `      - { key: ${key}, scope: RUN_TIME, type: SECRET }\n`;

const source = (folder) => `    github: { repo: OWNER/REPOSITORY, branch: main, deploy_on_push: false }
    dockerfile_path: deploy/docker/Dockerfile
    envs:
      - { key: APP, scope: BUILD_TIME, value: ${folder} }
`;

const environment = (service) =>
  [
    secret('DATABASE_URL'),
    service.hasToolLogin ? secret('MCP_ALL_SUPABASE_DB_URL') : '',
    secret('AMQP_URL'),
    service.hasSecretsKey ? secret('SECRETS_KEY') : '',
    variable('DATABASE_POOL_MAX', poolMax[service.kind]),
    ['gateway', 'health'].includes(service.name) ? variable('PUBLIC_URL', 'https://pulser.insightpulseai.net') : '',
    ...Object.entries(service.asks).map(([name, value]) => variable(name, value)),
  ].join('');

const number = ({ name }) =>
  name === 'gateway'
    ? `    instance_size_slug: apps-d-1vcpu-1gb
    autoscaling:
      min_instance_count: 2
      max_instance_count: 4
      metrics: { cpu: { percent: 70 } }
`
    : '    instance_count: 2\n';

const size = (service) => (service.name === 'gateway' ? '' : `    instance_size_slug: ${sizeOf(service)}\n`);

// The gateway's port is the public one; the others are reached by their name inside, and asked for their health there.
const port = ({ name }) => (name === 'gateway' ? '    http_port: 8000\n' : '    internal_ports: [8000]\n');

const check = (field, path) => `    ${field}:
      http_path: ${path}
      port: 8000
      initial_delay_seconds: 30
      period_seconds: 10
      timeout_seconds: 5
      success_threshold: 1
      failure_threshold: 3
`;

const component = (service) => `  - name: ${service.host}
${source(service.folder)}${environment(service)}${size(service)}${number(service)}${port(service)}${check('health_check', '/health/ready')}${check('liveness_health_check', '/health/live')}    termination: { drain_seconds: 15, grace_period_seconds: 60 }
`;

/** Text of deploy/app-platform/pulser.yaml. */
export function appPlatformSpec(roster) {
  const services = deployedServices(roster);
  return `# Written by \`npm run docs\` from libs/roster; README.md says what to fill in.
name: pulser-orchestrator
region: sgp
domains:
  - { domain: pulser.insightpulseai.net, type: PRIMARY, minimum_tls_version: '1.2' }
envs:
  - { key: SHUTDOWN_TIMEOUT_S, scope: RUN_TIME, value: '45' }
  - { key: METRICS_TOKEN, scope: RUN_TIME, type: SECRET }
alerts:
  - { rule: DEPLOYMENT_FAILED }
  - { rule: DOMAIN_FAILED }
ingress:
  rules:
    - match: { path: { prefix: / } }
      component: { name: gateway, preserve_path_prefix: true }
databases:
  - { name: db, engine: PG, version: '18', production: true, cluster_name: pulser-database }
jobs:
  - name: migrate
    kind: PRE_DEPLOY
${source('apps/cli')}      - { key: DATABASE_URL, scope: RUN_TIME, value: '\${db.DATABASE_URL}' }
${secret('PULSER_APP_PASSWORD')}${secret('PULSER_SERVICE_PASSWORD')}${secret('PULSER_MCP_PASSWORD')}${variable('DATABASE_CONNECTIONS', connections(services))}    run_command: node dist/main.js migrate
    instance_size_slug: apps-s-1vcpu-0.5gb
    instance_count: 1
    timeout: 30m
services:
${services.map(component).join('')}`;
}
