import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import type { ConfirmChannel } from 'amqplib';

import { manageBroker } from './broker-management.js';
import { brokerUrl, onBroker } from './test-broker.js';

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
