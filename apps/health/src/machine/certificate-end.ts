// When the certificate of a server ends, whichever way its protocol begins TLS. It is read, not trusted, and nothing is sent
// beyond what the protocol says first.
import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import type { TlsServer } from './certificates.policy.js';

const connectMs = 10_000;
const maxAnswerBytes = 65_536;

/** All lines of an SMTP answer have its code; the last one has a space behind it (RFC 5321, 4.2.1). */
const smtpAnswer = /^(?<code>\d{3}) .*\r?\n$/m;

/** A connection before TLS. Without an answer in time, or when the server ends it, each wait fails. */
interface Plain {
  readonly socket: Socket;
  readonly signal: AbortSignal;
}

/** Reads until the text is whole. @throws Error when it has no end */
const answerOf = async ({ socket, signal }: Plain, isWhole: (text: string) => boolean): Promise<string> => {
  let text = '';
  while (!isWhole(text)) {
    const bytes = socket.read() as Buffer | null;
    if (bytes === null) await once(socket, 'readable', { signal });
    else text += bytes.toString('latin1');
    if (text.length > maxAnswerBytes) throw new Error('its answer has no end');
  }
  return text;
};

const smtpSays = async (plain: Plain, code: string): Promise<string> => {
  const text = await answerOf(plain, (said) => smtpAnswer.test(said));
  if (smtpAnswer.exec(text)?.groups?.['code'] !== code) throw new Error(`the mail server answered ${text.slice(0, 3)}`);
  return text;
};

/** https://www.rfc-editor.org/rfc/rfc3207 */
const startSmtp = async (plain: Plain): Promise<void> => {
  await smtpSays(plain, '220');
  plain.socket.write('EHLO pulser.invalid\r\n');
  if (!/^250[ -]STARTTLS\s*$/im.test(await smtpSays(plain, '250'))) throw new Error('the mail server offers no TLS');
  plain.socket.write('STARTTLS\r\n');
  await smtpSays(plain, '220');
};

/** SSLRequest: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

const startPostgres = async (plain: Plain): Promise<void> => {
  plain.socket.write(sslRequest);
  if ((await answerOf(plain, (text) => text.length > 0)) !== 'S') throw new Error('PostgreSQL offers no TLS');
};

const starts = {
  atOnce: () => Promise.resolve(),
  smtp: startSmtp,
  postgres: startPostgres,
} as const satisfies Record<TlsServer['start'], (plain: Plain) => Promise<void>>;

/** @throws Error when the server cannot be reached within ten seconds, offers no TLS or shows no certificate */
export const certificateEnd = async ({ host, port, start }: Omit<TlsServer, 'name'>): Promise<Date> => {
  const ended = new AbortController();
  const signal = AbortSignal.any([AbortSignal.timeout(connectMs), ended.signal]);
  const socket = connectTcp({ host, port });
  // The wait that is under way fails with the error.
  socket
    .on('error', () => undefined)
    .once('close', () => {
      ended.abort(new Error('the server has ended the connection'));
    });
  try {
    await once(socket, 'connect', { signal });
    await starts[start]({ socket, signal });
    const secure = connectTls({ socket, rejectUnauthorized: false, ...(isIP(host) === 0 && { servername: host }) });
    secure.on('error', () => undefined);
    await once(secure, 'secureConnect', { signal });
    const end = new Date(secure.getPeerCertificate().valid_to);
    if (Number.isNaN(end.getTime())) throw new Error('it shows no certificate');
    return end;
  } finally {
    socket.destroy();
  }
};
