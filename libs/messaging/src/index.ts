export {
  agentOfUser,
  brokerDefinitions,
  brokerUserOf,
  installationOfUser,
  roleOfUser,
  workerUser,
} from './access/broker-users.js';
export {
  type Binding,
  Broker,
  type BrokerLog,
  type BrokerState,
  type Consumer,
  type Delivery,
  type OutgoingMessage,
  type OutgoingReply,
  type PublishableKey,
  Publisher,
  type PublishOptions,
  type Reply,
  type RequestOptions,
  type Subscription,
  type TemporaryQueue,
} from './broker/broker.js';
export * from './broker/broker-errors.js';
export * from './broker/broker-metrics.js';
export { Dispatches, inMessages } from './broker/dispatches.js';
export * from './broker/live-workers.js';
export { StreamedTenants, streamsReport } from './broker/streamed-tenants.js';
export { InProcessBroker, type InProcessClient } from './in-process/in-process-broker.js';
export * from './nest/broker-server.js';
export { DeliveryContext, MessageConsumer, OnMessage, OnRequest, RejectMessage } from './nest/message-handler.js';
export * from './nest/messaging.module.js';
export { OnDemand } from './nest/on-demand.js';
export * from './rabbit/rabbit-broker.js';
export type { RabbitOptions } from './rabbit/rabbit-connection.js';
