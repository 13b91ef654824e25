// The test broker: names of its own on the shared broker, or a virtual host of its own.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { builtInAgents, exchange, queue } from '@pulser/contracts';
import { type ConfirmChannel, connect, type GetMessage } from 'amqplib';

export type BrokerMessage = GetMessage;

/** A namespace on the test broker. */
export interface TestBroker {
  readonly url: string;
  /** For AMQP_NAMESPACE. */
  readonly namespace: string;
  /** Uses a channel of the administrator; names need `named`. */
  use<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T>;
  named(name: string): string;
  /** Deletes what the services declared. */
  drop(): Promise<void>;
}

/** URL of the test broker for its administrator. */
const brokerUrl = (): string => {
  const url = process.env['AMQP_URL'];
  if (url === undefined) throw new Error('AMQP_URL is not set: run the tests through `npm test`');
  return url;
};

/** Runs `work` with a channel, closed with its connection afterwards. */
const onBroker = async <T>(url: string, work: (channel: ConfirmChannel) => Promise<T>): Promise<T> => {
  const connection = await connect(url);
  try {
    const channel = await connection.createConfirmChannel();
    // An error that closes the channel also rejects the call that caused it.
    channel.on('error', () => undefined);
    return await work(channel);
  } finally {
    await connection.close();
  }
};

const queues = [
  queue.routerTasks,
  queue.deadLetters,
  queue.toolCalls,
  ...builtInAgents.map((agent) => queue.agent(agent)),
];

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

  private constructor(private definitions: Definitions) {}

  static async make(): Promise<TestVirtualHost> {
    const host = new TestVirtualHost(JSON.parse(await readFile(file, 'utf8')) as Definitions);
    await host.define();
    return host;
  }

  /** For AMQP_URL of a service: one of the users in the definitions. */
  urlOf(user: string): string {
    return Object.assign(this.url, { username: this.userNamed(user), password: this.password }).href;
  }

  /** Adds users with their permissions, as `pulser agents broker-user` prints them. */
  async add({ permissions, topic_permissions }: Omit<Definitions, 'exchanges'>): Promise<void> {
    this.definitions = {
      ...this.definitions,
      permissions: [...this.definitions.permissions, ...permissions],
      topic_permissions: [...this.definitions.topic_permissions, ...topic_permissions],
    };
    await this.define();
  }

  /** Uses a channel of the administrator. */
  use<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    return onBroker(this.url.href, work);
  }

  /** Closes the connections of a user, and refuses new ones. */
  async shutOut(user: string): Promise<void> {
    const name = this.userNamed(user);
    await manageBroker('DELETE', `permissions/${this.name}/${name}`);
    await manageBroker('DELETE', `connections/username/${name}`);
  }

  /** Closes all connections, deletes everything and applies the definitions again, as a wiped node does when it starts. */
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

  // Users belong to the whole broker, so their names contain the virtual host.
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

/** A request to the management API, as the administrator: https://www.rabbitmq.com/docs/http-api-reference */
const manageBroker = async (method: 'PUT' | 'POST' | 'DELETE', path: string, body = {}): Promise<void> => {
  const { origin, username, password } = managementUrl();
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  const response = await fetch(`${origin}/api/${path}`, {
    method,
    headers: { authorization: `Basic ${credentials.toString('base64')}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
};
