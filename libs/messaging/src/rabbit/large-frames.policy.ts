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
