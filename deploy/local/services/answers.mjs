import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { say, secondsSince } from '../progress.mjs';
import { lastLines } from '../run-command.mjs';

/** Asks again every 50 ms until `check` is truthy; resolves with false when it never was within `timeoutMs`. */
export async function until(check, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  while (!(await check())) {
    if (Date.now() > deadline) return false;
    await pause(50);
  }
  return true;
}

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

// https://www.postgresql.org/docs/current/protocol-message-formats.html
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** Whether the PostgreSQL server behind `url` accepts sessions (one still starting or recovering does not). */
export async function postgresAnswers(url) {
  const endpoint = endpointOf(url, 5432);
  const encryption = (await firstBytes(endpoint, sslRequest))?.toString('latin1', 0, 1);
  if (encryption === 'S') return true;
  if (encryption !== 'N') return false;
  const answer = await firstBytes(endpoint, startup(new URL(url)));
  // 57P03 cannot_connect_now, 57P01 admin_shutdown; any other refusal comes from a server that is up.
  return answer !== undefined && !/\bC57P0[13]\b/.test(answer.toString('latin1').replaceAll('\0', ' '));
}

function startup(url) {
  const user = decodeURIComponent(url.username) || 'postgres';
  const database = decodeURIComponent(url.pathname.slice(1)) || user;
  const body = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(196_608, 4); // protocol 3.0
  return Buffer.concat([head, body]);
}

const protocolHeader = Buffer.from('AMQP\0\0\x09\x01', 'latin1');
const methodFrame = 1;

/** Whether the broker behind `url` opens an AMQP 0-9-1 conversation (a node that is still booting does not). */
export async function brokerAnswers(url) {
  const tls = url.startsWith('amqps:');
  const answer = await firstBytes({ ...endpointOf(url, tls ? 5671 : 5672), tls }, protocolHeader);
  return answer?.[0] === methodFrame;
}

/** Lines for a shell: `eval "$(node deploy/local/services.mjs env)"`. */
export const toExports = (addresses) =>
  Object.entries(toEnvironment(addresses))
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('');

export const toEnvironment = ({ databaseUrl, amqpUrl, amqpManagementUrl }) => ({
  DATABASE_URL: databaseUrl,
  AMQP_URL: amqpUrl,
  AMQP_MANAGEMENT_URL: amqpManagementUrl,
});

/** The environment variables that `toExports` wrote, for a program that starts other programs. */
export const fromExports = (text) =>
  Object.fromEntries([...text.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, unquoted(value)]));

const quoted = (value) => (/^[\w:/@.%?=-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`);
const unquoted = (value) => (value.startsWith("'") ? value.slice(1, -1).replaceAll(`'\\''`, "'") : value);

/** Whether both servers answer; says which one does not. */
export async function bothAnswer({ databaseUrl, amqpUrl }) {
  const [database, broker] = await Promise.all([postgresAnswers(databaseUrl), brokerAnswers(amqpUrl)]);
  if (!database) say(`PostgreSQL does not answer at ${new URL(databaseUrl).host}`);
  if (!broker) say(`RabbitMQ does not answer at ${new URL(amqpUrl).host}`);
  return database && broker;
}

// Below 32768, where ephemeral ports begin: above, a reconnecting client can be given the port of a server that is
// being restarted, and the server then cannot have it back.
const lowest = 20_000;
const highest = 32_000;

/** A port of the loopback interface on which nothing listens and that is not among `taken`. */
export async function freePort(taken = []) {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (!taken.includes(port) && (await isFree(port))) return port;
  }
}

/** Whether a server could listen on this port now, on loopback and on all interfaces. */
export const isFree = async (port) => (await canListen(port, '127.0.0.1')) && (await canListen(port, '0.0.0.0'));

const canListen = (port, host) =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });

/** Brings a server to the point where it answers: waits for one that is starting, launches one that is not there. */
export async function startServer(server, site, launch) {
  const startedAt = Date.now();
  if (await answersInTime(server, site)) return;
  await server.kill(site);
  const launched = await launch();
  const ready = await until(async () => launched.hasEnded() || (await server.answers(site)), 120_000);
  if (!ready || launched.hasEnded()) {
    throw new Error(`${server.name} did not start:\n${lastLines(readFileSync(launched.logFile, 'utf8'), 15)}`);
  }
  say(`${server.name} (${site.name}) started in ${secondsSince(startedAt)} s`);
}

async function answersInTime(server, site) {
  if (!server.isRunning(site)) return false;
  if (await server.answers(site)) return true;
  say(`${server.name} (${site.name}) runs but does not answer yet`);
  return until(async () => !server.isRunning(site) || (await server.answers(site)), 30_000).then(
    (settled) => settled && server.isRunning(site),
  );
}
