import { endpointOf, firstBytes } from './first-bytes.mjs';

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
