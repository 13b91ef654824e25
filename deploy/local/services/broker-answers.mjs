import { endpointOf, firstBytes } from './first-bytes.mjs';

const protocolHeader = Buffer.from('AMQP\0\0\x09\x01', 'latin1');
const methodFrame = 1;

/** Whether the broker behind `url` opens an AMQP 0-9-1 conversation (a node that is still booting does not). */
export async function brokerAnswers(url) {
  const tls = url.startsWith('amqps:');
  const answer = await firstBytes({ ...endpointOf(url, tls ? 5671 : 5672), tls }, protocolHeader);
  return answer?.[0] === methodFrame;
}
