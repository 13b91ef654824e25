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
