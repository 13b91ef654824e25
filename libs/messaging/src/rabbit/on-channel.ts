import type { Channel, ChannelModel } from 'amqplib';

import { replyCode } from './reply-code.js';

const notFound = 404;

/** Asks on a channel of its own: an answer such as 404 or 406 closes the channel it is given on. */
export const onChannel = async <T>(model: ChannelModel, work: (channel: Channel) => Promise<T>): Promise<T> => {
  const channel = await model.createChannel();
  // The same error rejects the work below.
  channel.on('error', () => undefined);
  const result = await work(channel);
  // Not waited for: amqplib never settles it when the connection is lost before the broker has answered.
  void channel.close().catch(() => undefined);
  return result;
};

const exists = async (model: ChannelModel, check: (channel: Channel) => Promise<unknown>): Promise<boolean> => {
  try {
    await onChannel(model, check);
    return true;
  } catch (error) {
    if (replyCode(error) === notFound) return false;
    throw error;
  }
};

/** Declares what is missing. What is there stays as it is, even if it was declared differently by another version. */
export const ensure = async (
  model: ChannelModel,
  check: (channel: Channel) => Promise<unknown>,
  declare: (channel: Channel) => Promise<unknown>,
): Promise<void> => {
  if (await exists(model, check)) return;
  try {
    await onChannel(model, declare);
  } catch (error) {
    // Somebody else may have been faster, with other arguments.
    if (!(await exists(model, check).catch(() => false))) throw error;
  }
};
