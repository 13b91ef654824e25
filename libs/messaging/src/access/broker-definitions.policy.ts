// RabbitMQ's definitions: exchanges and permissions, derived from the users.
import { exchange, type ExchangeName } from '@pulser/contracts';

import type { Binding } from '../broker/broker.js';
import { exchanges } from '../broker/topology.js';
import { brokerUsers, type BrokerUser } from './broker-users.js';

/** Regular expressions of names. Which operation needs what: https://www.rabbitmq.com/docs/access-control#authorisation */
interface Permission {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

/** Regular expressions of routing keys: those that may be published to a topic exchange, and those that may be bound. */
interface TopicPermission extends Omit<Permission, 'configure'> {
  readonly exchange: ExchangeName;
}

/** Names that the broker gives to queues that belong to one connection: no other connection can use these. */
const temporary = String.raw`amq\.gen-.*`;

const exactly = (name: string): string => name.replaceAll('.', String.raw`\.`);

/** Nothing at all when there are none. */
const oneOf = (patterns: Iterable<string>): string => {
  const all = [...new Set(patterns)];
  return all.length === 0 ? '^$' : `^(${all.join('|')})$`;
};

const rejects = ({ consumes, hears }: BrokerUser): string[] => [...consumes, ...(hears ? [hears.temporaryFor] : [])];

const writesTo = (user: BrokerUser): string[] => [
  ...Object.keys(user.publishes),
  ...(rejects(user).length > 0 ? [exchange.dead.name] : []),
];

const declarable = ({ declares, mayDeclare = [] }: BrokerUser) => [...declares, ...mayDeclare];

const bindsTo = (user: BrokerUser): Binding[] => [
  ...declarable(user).flatMap(({ bindings }) => bindings),
  ...(user.hears?.keys ?? []).map((pattern) => ({ exchange: exchange.events.name, pattern })),
];

/** What a user may declare and delete, publish to and bind, consume and bind from. */
const permissionOf = (user: BrokerUser): Permission => {
  const declared = declarable(user).map(({ name }) => exactly(name));
  const own = user.hears === undefined ? [] : [temporary];
  const sources = bindsTo(user).map((binding) => binding.exchange);
  return {
    configure: oneOf([...declared, ...own]),
    write: oneOf([...writesTo(user).map(exactly), ...declared, ...own]),
    read: oneOf([...user.consumes.map(exactly), ...sources.map(exactly), ...own]),
  };
};

/** The routing keys of a user, for every exchange that it may use at all: without an entry RabbitMQ allows any key. */
const topicPermissionsOf = (user: BrokerUser): TopicPermission[] => {
  const bindings = bindsTo(user);
  const used = new Set<string>([...writesTo(user), ...bindings.map((binding) => binding.exchange)]);
  return exchanges
    .filter(({ name }) => used.has(name))
    .map(({ name }) => ({
      exchange: name,
      write: oneOf(
        [...(user.publishes[name] ?? []), ...(name === exchange.dead.name ? rejects(user) : [])].map(exactly),
      ),
      read: oneOf(bindings.filter((binding) => binding.exchange === name).map(({ pattern }) => exactly(pattern))),
    }));
};

const vhost = '/';

/**
 * What RabbitMQ must know before the services start, in its own format: exchanges and what each user may do. No users:
 * these have passwords. Queues are declared by the services, because their type depends on the version of the broker.
 * https://www.rabbitmq.com/docs/definitions
 */
export const brokerDefinitions = (users: readonly BrokerUser[] = brokerUsers) => ({
  vhosts: [{ name: vhost }],
  exchanges: exchanges.map(({ name, kind }) => ({
    name,
    vhost,
    type: kind,
    durable: true,
    auto_delete: false,
    internal: false,
    arguments: {},
  })),
  permissions: users.map((user) => ({ user: user.name, vhost, ...permissionOf(user) })),
  topic_permissions: users.flatMap((user) =>
    topicPermissionsOf(user).map((permission) => ({ user: user.name, vhost, ...permission })),
  ),
});
