import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

/**
 * Sends `question` to a server and resolves with the first bytes of its answer, or undefined when there is none
 * within `timeoutMs`. Asks in the server's own protocol, because an open port alone does not mean "ready".
 */
export function firstBytes({ host, port, tls = false }, question, timeoutMs = 2_000) {
  return new Promise((resolve) => {
    // Only liveness is asked here; whether the certificate is good is for the clients to judge.
    const socket = tls
      ? connectTls({ host, port, servername: host, rejectUnauthorized: false })
      : connect({ host, port });
    const finish = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => finish(undefined));
    socket.once(tls ? 'secureConnect' : 'connect', () => socket.write(question));
    socket.once('data', finish);
    socket.once('error', () => finish(undefined));
    socket.once('close', () => finish(undefined));
  });
}

/** Host and port of a URL; `defaultPort` where it names none. */
export function endpointOf(url, defaultPort) {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, '') || 'localhost', port: Number(port) || defaultPort };
}
