import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { builtInAgents, exchange, queue } from '@pulser/contracts';
import { type ConfirmChannel, connect, type GetMessage } from 'amqplib';

export type BrokerMessage = GetMessage;

/** Names of its own on the test broker. */
export interface TestBroker {
  readonly url: string;
  /** For AMQP_NAMESPACE. */
  readonly namespace: string;
  /** Does something to the broker as nobody's service; names need `named`. */
  use<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T>;
  named(name: string): string;
  /** Deletes what the services declared. */
  drop(): Promise<void>;
}

/** The test broker, as its administrator. */
export const brokerUrl = (): string => {
  const url = process.env['AMQP_URL'];
  if (url === undefined) throw new Error('AMQP_URL is not set: run the tests through `npm test`');
  return url;
};

/** A channel of the administrator's, closed with its connection afterwards. */
export const onBroker = async <T>(url: string, work: (channel: ConfirmChannel) => Promise<T>): Promise<T> => {
  const connection = await connect(url);
  try {
    const channel = await connection.createConfirmChannel();
    // What closes the channel rejects the call that asked for it.
    channel.on('error', () => undefined);
    return await work(channel);
  } finally {
    await connection.close();
  }
};

const queues = [queue.routerTasks, queue.deadLetters, ...builtInAgents.map((agent) => queue.agent(agent))];

export const testBroker = (): TestBroker => {
  const url = brokerUrl();
  const namespace = `test-${randomBytes(6).toString('hex')}`;
  const named = (name: string): string => `${namespace}.${name}`;
  return {
    url,
    namespace,
    named,
    use: (work) => onBroker(url, work),
    drop: () =>
      onBroker(url, async (channel) => {
        for (const name of queues) await channel.deleteQueue(named(name));
        for (const { name } of Object.values(exchange)) await channel.deleteExchange(named(name));
      }),
  };
};

interface OfUser {
  readonly user: string;
}

interface Definitions {
  readonly exchanges: readonly object[];
  readonly permissions: readonly OfUser[];
  readonly topic_permissions: readonly OfUser[];
}

const file = new URL('../../../deploy/rabbitmq/definitions.json', import.meta.url);

/** A virtual host of its own, with the users, permissions and exchanges of deploy/rabbitmq/definitions.json. */
export class TestVirtualHost {
  private readonly name = `test-${randomBytes(6).toString('hex')}`;
  private readonly password = randomBytes(16).toString('hex');

  private constructor(private readonly definitions: Definitions) {}

  static async make(): Promise<TestVirtualHost> {
    const host = new TestVirtualHost(JSON.parse(await readFile(file, 'utf8')) as Definitions);
    await host.define();
    return host;
  }

  /** For AMQP_URL of a service: one of the users in the definitions. */
  urlOf(user: string): string {
    return Object.assign(this.url, { username: this.userNamed(user), password: this.password }).href;
  }

  /** Does something to the broker as nobody's service. */
  use<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    return onBroker(this.url.href, work);
  }

  /** Ends all connections and deletes all that the broker has; then it starts with the definitions, as a wiped node does. */
  async wipe(): Promise<void> {
    await manageBroker('DELETE', `vhosts/${this.name}`);
    await this.define();
  }

  async drop(): Promise<void> {
    await manageBroker('DELETE', `vhosts/${this.name}`);
    await manageBroker('POST', 'users/bulk-delete', { users: this.users });
  }

  private get url(): URL {
    return Object.assign(new URL(brokerUrl()), { pathname: `/${this.name}` });
  }

  // Users are the whole broker's: theirs have the virtual host in their names.
  private userNamed(name: string): string {
    return `${this.name}.${name}`;
  }

  private get users(): string[] {
    return this.definitions.permissions.map(({ user }) => this.userNamed(user));
  }

  private async define(): Promise<void> {
    const { exchanges, permissions, topic_permissions: topicPermissions } = this.definitions;
    const vhost = this.name;
    const here = (of: readonly OfUser[]) => of.map((one) => ({ ...one, vhost, user: this.userNamed(one.user) }));
    await manageBroker('PUT', `vhosts/${vhost}`);
    await manageBroker('POST', 'definitions', {
      users: this.users.map((name) => ({ name, password: this.password, tags: [] })),
      exchanges: exchanges.map((one) => ({ ...one, vhost })),
      permissions: here(permissions),
      topic_permissions: here(topicPermissions),
    });
  }
}

const managementUrl = (): URL => {
  const url = process.env['AMQP_MANAGEMENT_URL'];
  if (url === undefined) throw new Error('AMQP_MANAGEMENT_URL is not set: run the tests through `npm test`');
  return new URL(url);
};

/** Asks the broker, as its administrator, for something that AMQP has no words for. https://www.rabbitmq.com/docs/http-api-reference */
export const manageBroker = async (method: 'PUT' | 'POST' | 'DELETE', path: string, body = {}): Promise<void> => {
  const { origin, username, password } = managementUrl();
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  const response = await fetch(`${origin}/api/${path}`, {
    method,
    headers: { authorization: `Basic ${credentials.toString('base64')}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
};
