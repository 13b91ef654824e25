import { exchanges, queues, type Topology } from '../broker/topology.js';
import { brokerUsers } from './broker-users.js';

const everything: Topology = { exchanges, queues };

// Several installations on one broker put their name before it, for instance `staging.router`.
const roleOf = (url: string): string | undefined => new URL(url).username.split('.').at(-1);

/**
 * What a service declares that connects with this URL: as one of the users in the definitions what is this user's, for
 * RabbitMQ refuses it even to ask about the rest; as any other user everything.
 */
export const declaredBy = (url: string): Topology => {
  const user = brokerUsers.find(({ name }) => name === roleOf(url));
  return user === undefined ? everything : { exchanges: [], queues: user.declares };
};
