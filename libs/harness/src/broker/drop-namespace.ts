import { agentNames, exchange, queue } from '@pulser/contracts';
import { connect } from 'amqplib';

const queues = [queue.routerTasks, queue.deadLetters, ...agentNames.map((agent) => queue.agent(agent))];

/** Deletes what the services of one AMQP_NAMESPACE have declared. */
export const dropNamespace = async (amqpUrl: string, namespace: string): Promise<void> => {
  const connection = await connect(amqpUrl);
  try {
    const channel = await connection.createChannel();
    for (const name of queues) await channel.deleteQueue(`${namespace}.${name}`);
    for (const { name } of Object.values(exchange)) await channel.deleteExchange(`${namespace}.${name}`);
  } finally {
    await connection.close();
  }
};
