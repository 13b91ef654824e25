import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as roster from '@pulser/roster';
import { withRoster } from './compose.mjs';
import { servicesOf } from './dev-environment.mjs';
import { definitions, variableOf } from './services/rabbitmq.mjs';

const root = new URL('../../', import.meta.url);
const contentOf = (file) => readFileSync(new URL(file, root), 'utf8');
const services = servicesOf(roster);

/** Name of each service of docker-compose.yml -> its text. */
const composed = new Map(
  /^services:\n(.*?)^\S/ms
    .exec(contentOf('docker-compose.yml'))[1]
    .split(/^ {2}(?=\w)/m)
    .filter((text) => /^[\w-]+:\n/.test(text))
    .map((text) => [text.slice(0, text.indexOf(':')), text]),
);

describe('the roster', () => {
  it('has a row for every agent that has a folder', () => {
    const folders = readdirSync(new URL('apps/agents', root), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(new URL(`apps/agents/${entry.name}/package.json`, root)))
      .map(({ name }) => `apps/agents/${name}`);
    expect(folders).not.toHaveLength(0);
    const inRoster = roster.agents.flatMap(({ folder }) => folder ?? []);
    expect(inRoster.toSorted()).toEqual(folders.toSorted());
  });

  it('gives every row a name and a port of its own', () => {
    const rows = [...roster.services, ...roster.agents];
    for (const of of [({ name }) => name, ({ port }) => port]) expect(new Set(rows.map(of)).size).toBe(rows.length);
  });
});

describe.each(services)('the service $name of the roster', ({ name, folder, login, brokerUser }) => {
  it('is an app that can be started apart', () => {
    expect(existsSync(new URL(`${folder}/src/main.ts`, root))).toBe(true);
    expect(existsSync(new URL(`${folder}/tsconfig.build.json`, root))).toBe(true);
  });

  it('has permissions on the broker', () => {
    expect(definitions().permissions.map(({ user }) => user)).toContain(brokerUser);
  });

  it('has a container in docker-compose.yml, with its own login and its own user of the broker', () => {
    const text = composed.get(name);
    expect(text).toContain(`APP: ${folder}\n`);
    expect(text).toContain(`DATABASE_URL: postgresql://${login}@postgres:5432/postgres\n`);
    expect(text).toContain(`AMQP_URL: amqp://${brokerUser}:\${${variableOf(brokerUser)}}@rabbitmq:5672\n`);
  });
});

describe('the containers of docker-compose.yml', () => {
  it('that keep or use secrets of tenants all get the same key', () => {
    const line = 'SECRETS_KEY: ${PULSER_SECRETS_KEY:?run `npm run services passwords` first}\n';
    for (const { name, brokerUser } of services) {
      if (['gateway', 'mcp-coordinator'].includes(name) || brokerUser.startsWith('worker-'))
        expect(composed.get(name)).toContain(line);
      else expect(composed.get(name)).not.toContain('SECRETS_KEY');
    }
  });
});

describe('every agent of the roster, with a folder or not', () => {
  it.each(roster.agents.map(({ name }) => `worker-${name}`))('has a user of the broker: %s', (user) => {
    expect(definitions().permissions.map((permission) => permission.user)).toContain(user);
    expect(contentOf('docker-compose.yml')).toContain(`{ "name": "${user}", "password": "\${${variableOf(user)}:?`);
  });
});

describe('docker-compose.yml', () => {
  it('has the agents and users that `npm run docs` writes', () => {
    const text = contentOf('docker-compose.yml');
    expect(withRoster(text, roster)).toBe(text);
    const without = { ...roster, startable: roster.services };
    expect(withRoster(text, without)).not.toContain('apps/agents/');
  });

  it('runs no app that is not in the roster', () => {
    const apps = [...composed].filter(([, text]) => text.includes('<<: *service')).map(([name]) => name);
    expect(apps.toSorted()).toEqual(services.map(({ name }) => name).toSorted());
  });
});

describe('`npm run dev`', () => {
  it('starts every service of the roster, the gateway first, each on a port of its own', () => {
    expect(services.map(({ name }) => name)).toEqual(roster.startable.map(({ name }) => name));
    expect(services[0]).toEqual({
      name: 'gateway',
      folder: 'apps/gateway',
      main: 'apps/gateway/dist/main.js',
      login: 'pulser_app',
      brokerUser: 'gateway',
      port: 0,
    });
    expect(new Set(services.map(({ port }) => port)).size).toBe(services.length);
  });
});
