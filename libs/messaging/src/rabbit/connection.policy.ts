// How to read what comes from amqplib: refusals, reply codes, properties, frame sizes.
import { BrokerRefused, BrokerUnavailable } from '../broker/broker-errors.js';

/** Reply codes of AMQP 0-9-1 (1.1): https://www.rabbitmq.com/amqp-0-9-1-reference */
export const accessRefused = 403;
export const notFound = 404;

/** The broker's reply code of an error on a channel; amqplib sets it, but its types lack it. */
export const replyCode = (error: unknown): number | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;

// An attempt at several addresses fails with an error that has a code but no message.
const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown error';
  return error.message === '' && 'code' in error ? String(error.code) : error.message;
};

// Texts of OpenSSL and Node for a certificate that the configuration does not trust; amqplib may keep the text only, not the
// code. An expired certificate is not among them: it will be renewed.
const untrusted =
  /self-signed certificate|unable to verify the first certificate|unable to get (local )?issuer certificate|certificate (not trusted|rejected)|does not match certificate's altnames/i;

// amqplib 2 does not hand out the reply code of a handshake. It prints 403 of the credentials into its message, and for
// the virtual host (530: unknown, not allowed, or its limit of connections reached) only that the broker closed instead.
const credentialsRefused = `Handshake terminated by server: ${accessRefused} `;
const hostRefused = 'Expected ConnectionOpenOk; got <ConnectionClose';

/** Why no connection could be made. What waiting cannot heal is a BrokerRefused. */
export const connectFailure = (error: unknown): BrokerUnavailable => {
  const text = messageOf(error);
  if (text.startsWith(credentialsRefused))
    return new BrokerRefused(`it refuses the credentials (${text})`, 'set the user and password in AMQP_URL', error);
  if (text.startsWith(hostRefused))
    return new BrokerRefused(
      'it refuses the virtual host',
      'set one in AMQP_URL that exists, that the user may access and that takes more connections',
      error,
    );
  const away = `it cannot be reached (${text})`;
  if (untrusted.test(text)) return new BrokerRefused(away, 'set AMQP_CA_FILE, and the host name in AMQP_URL', error);
  return new BrokerUnavailable(away, error);
};

/** Why exchanges, queues or consumers could not be made on a connection: without a permission, or for a passing reason. */
export const setupFailure = (error: unknown): BrokerUnavailable => {
  const text = `it refused what we need of it (${messageOf(error)})`;
  return replyCode(error) === accessRefused
    ? new BrokerRefused(text, 'give the user in AMQP_URL this permission', error)
    : new BrokerUnavailable(text, error);
};

/** A property of a message: producers in other languages may leave it out, and amqplib does not type it. */
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/**
 * Bytes. The headers of a message fit one frame, and amqplib decodes nested ones recursively: some 5,000 levels, which
 * take 25 KiB, overflow the stack, end the connection, and would do so again with every redelivery.
 */
const safeFrameMax = 16_384;

/** @param connection of amqplib, with the frame size that both sides agreed on; its types leave it out */
export const frameWarning = (connection: object): string | undefined =>
  'frameMax' in connection && typeof connection.frameMax === 'number' && connection.frameMax > safeFrameMax
    ? `headers of messages can end our connections: set the broker's frame_max = ${safeFrameMax}`
    : undefined;
