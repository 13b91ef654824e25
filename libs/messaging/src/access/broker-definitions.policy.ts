import { exchanges } from '../broker/topology.js';
import { brokerUsers } from './broker-users.js';
import { permissionOf, topicPermissionsOf } from './permissions.policy.js';

const vhost = '/';

/**
 * What RabbitMQ must know before the services come, in its own format: exchanges and what each user may do. No users:
 * these have passwords. Queues are declared by the services, for their type depends on the version of the broker.
 * https://www.rabbitmq.com/docs/definitions
 */
export const brokerDefinitions = () => ({
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
  permissions: brokerUsers.map((user) => ({ user: user.name, vhost, ...permissionOf(user) })),
  topic_permissions: brokerUsers.flatMap((user) =>
    topicPermissionsOf(user).map((permission) => ({ user: user.name, vhost, ...permission })),
  ),
});
