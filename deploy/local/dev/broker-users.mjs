import { definitions, passwords } from '../services/broker-passwords.mjs';

/** Gives the broker the users, exchanges and permissions that the services need, in the virtual host of the URL. */
export async function admitUsers(managementUrl, amqpUrl) {
  const { origin, username, password } = new URL(managementUrl);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const response = await fetch(`${origin}/api/definitions`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(definitionsFor(virtualHostOf(amqpUrl))),
  }).catch((error) => ({ ok: false, status: error.cause?.code ?? error.message }));
  if (response.ok) return;
  throw new Error(
    `RabbitMQ took no users at ${origin} (${response.status}): AMQP_MANAGEMENT_URL is its management plugin with an administrator`,
  );
}

/** The URL of a service, or of a producer, with its own credentials. */
export function urlOf(user, amqpUrl) {
  const url = new URL(amqpUrl);
  return Object.assign(url, { username: user, password: passwords()[user] }).href;
}

const virtualHostOf = (amqpUrl) => decodeURIComponent(new URL(amqpUrl).pathname.slice(1)) || '/';

function definitionsFor(vhost) {
  const { exchanges, permissions, topic_permissions: topicPermissions } = definitions();
  const secrets = passwords();
  const here = (of) => of.map((one) => ({ ...one, vhost }));
  return {
    users: permissions.map(({ user }) => ({ name: user, password: secrets[user], tags: [] })),
    exchanges: here(exchanges),
    permissions: here(permissions),
    topic_permissions: here(topicPermissions),
  };
}
