// What compose files, and the Prometheus beside them, have from the roster and from the users of the broker.
import { deployedServices } from './deployed.mjs';
import { servicesOf } from './dev-environment.mjs';
import { definitions, variableOf } from './services/rabbitmq.mjs';

const agentService = ({ name, folder, login, brokerUser, memoryMb }) => `
  ${name}:
    <<: *service
    build:
      dockerfile: deploy/docker/Dockerfile
      args:
        APP: ${folder}
    environment:
      DATABASE_URL: postgresql://${login}@postgres:5432/postgres
      AMQP_URL: amqp://${brokerUser}:\${${variableOf(brokerUser)}}@rabbitmq:5672
      SECRETS_KEY: \${PULSER_SECRETS_KEY:?run \`npm run services passwords\` first}
${memoryMb ? `    mem_limit: ${memoryMb}m\n` : ''}`;

const brokerUser = ({ user }) =>
  `          { "name": "${user}", "password": "\${${variableOf(user)}:?run \`npm run services passwords\` first}", "tags": [] }`;

const agentsBlock = /(?<=^ *# agents: written by .*\n)[^]*?(?=^ *# end of agents$)/m;
const usersBlock = /(?<="name": "admin".*\n)[^]*?(?=^ *\],$)/m;

/** docker-compose.yml with the agents of the roster and the users of the broker's definitions. */
export function withRoster(text, roster) {
  const agents = servicesOf(roster).filter(({ name }) => roster.agents.some((agent) => agent.name === name));
  const users = definitions().permissions.map(brokerUser);
  return text
    .replace(agentsBlock, () => `${agents.map(agentService).join('')}\n`)
    .replace(usersBlock, () => `${users.join(',\n')}\n`);
}

const secretsOf = (service) => [
  'database-service',
  ...(service.hasToolLogin ? ['database-mcp'] : []),
  `broker-${service.brokerUser}`,
  ...(service.hasSecretsKey ? ['secrets-key'] : []),
  'metrics-token',
];

const productionService = (service) => `
  ${service.name}:
    <<: *service
    image: \${PULSER_REGISTRY:-local}/pulser-${service.host}:\${PULSER_VERSION:?}
    build:
      context: ../..
      dockerfile: deploy/docker/Dockerfile
      args: { APP: ${service.folder} }
    environment:
      DATABASE_URL_FILE: /run/secrets/database-service
${service.hasToolLogin ? '      MCP_ALL_SUPABASE_DB_URL_FILE: /run/secrets/database-mcp\n' : ''}      AMQP_URL_FILE: /run/secrets/broker-${service.brokerUser}
${service.hasSecretsKey ? '      SECRETS_KEY_FILE: /run/secrets/secrets-key\n' : ''}      METRICS_TOKEN_FILE: /run/secrets/metrics-token
      SHUTDOWN_TIMEOUT_S: 30
${Object.entries({ ...service.asks, ...(service.name === 'health' && { PUBLIC_URL: 'https://${PULSER_HOST:?}' }) })
  .map(([name, value]) => `      ${name}: ${value}\n`)
  .join('')}    secrets: [${secretsOf(service).join(', ')}]
    mem_limit: ${service.memoryMb}m
`;

const secretFile = (name, path) => `  ${name}: { file: '\${PULSER_SECRETS:-./secrets}/${path}' }\n`;

const productionSecrets = () =>
  [
    ...['admin', 'app', 'service', 'mcp'].flatMap((login) => [
      secretFile(`database-${login}`, `pulser-database/${login}`),
      secretFile(`database-${login}-password`, `pulser-database/${login}-password`),
    ]),
    secretFile('broker-users', 'pulser-broker-users/1-users.json'),
    ...definitions()
      .permissions.filter(({ user }) => user !== 'producer')
      .map(({ user }) => secretFile(`broker-${user}`, `pulser-broker/${user}`)),
    secretFile('secrets-key', 'pulser-keys/secrets-key'),
    secretFile('metrics-token', 'pulser-keys/metrics-token'),
    secretFile('grafana-password', 'pulser-grafana/password'),
  ].join('');

const servicesBlock = /(?<=^ *# services: written by .*\n)[^]*?(?=^ *# end of services$)/m;
const secretsBlock = /(?<=^# secrets: written by .*\n)[^]*?(?=^# end of secrets$)/m;

/** deploy/compose/production.yml with the services of the roster, but for the gateways, and the files of their secrets. */
export function productionWithRoster(text, roster) {
  const services = deployedServices(roster).filter(({ name }) => name !== 'gateway');
  return text
    .replace(servicesBlock, () => `${services.map(productionService).join('')}\n`)
    .replace(secretsBlock, () => `secrets:\n${productionSecrets()}`);
}

const target = (host, name) => `      - { targets: ['${host}:8000'], labels: { service: ${name} } }\n`;

/** deploy/compose/config/prometheus.yml: as deploy/monitoring/prometheus.yml, with the names of containers. */
export const productionPrometheus = (roster) => `# Written by \`npm run docs\` from libs/roster.
global:
  scrape_interval: 15s
  evaluation_interval: 15s

rule_files: [pulser.rules.yml, pulser.slo.rules.yml]

alerting:
  alertmanagers:
    - static_configs: [{ targets: ['alertmanager:9093'] }]

scrape_configs:
  - job_name: pulser
    authorization: { credentials_file: /run/secrets/metrics-token }
    static_configs:
${target('gateway-1', 'gateway')}${target('gateway-2', 'gateway')}${deployedServices(roster)
  .filter(({ name }) => name !== 'gateway')
  .map(({ name }) => target(name, name))
  .join('')}`;
