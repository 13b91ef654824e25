import { builtInAgents, header, messages, SubmitHeaders, type MessageKey } from '@pulser/contracts';

import { submissionExample } from './documented.js';
import { jsonSchema } from './json-schema.js';

/** Of each message: whether Pulser receives or sends it, and its description. */
const sides = {
  'task.submit': ['receive', 'Submit a task; for any producer with an API key'],
  'tasks.submitted': ['send', 'Between the services: rows that exist and may start'],
  'task.dispatch': ['send', 'Between the services: rows that a worker of the agent is to look at now'],
  'task.queued': ['send', 'Tasks that wait for their start; new ones only while their tenant has an event stream open'],
  'task.started': ['send', 'Attempts that have started, except those that ended within 50 ms'],
  'task.progress': ['send', 'Progress and log lines of running attempts'],
  'task.retrying': ['send', 'Attempts that failed and will be repeated'],
  'task.completed': ['send', 'Tasks that have a result'],
  'task.failed': ['send', 'Tasks that failed for good'],
  'task.cancelled': ['send', 'Tasks that were cancelled'],
  'steps.ended': ['send', 'Between the services: tasks with a parent that ended, or runs that wait for their steps'],
  'agent.heartbeat': ['send', 'Sent by every worker process about once per second'],
  'agent.health-changed': [
    'send',
    'Sent by the leading health service when the status of an agent, or its share of its tasks, changes',
  ],
  'dispatch.reported': ['send', 'Between the services: what a gateway has dispatched by itself'],
  'dispatch.granted': ['send', 'Between the services: what gateways may dispatch by themselves'],
  'tasks.unlisted': ['send', 'Between the services: how many more tasks wait than `task.queued` has named'],
  'streams.reported': ['send', 'Between the services: which tenants have an event stream open at a gateway'],
  'tenant.changed': ['send', 'Between the services: what else changed for a tenant that has an event stream open'],
  'scaling.measured': ['send', 'How many workers each agent should have; from every router, every 5 s'],
  'dead-letters.threshold-exceeded': ['send', 'Unusually many tasks of a type failed for good; once per window'],
  'tool.call': ['send', 'Between the services: a request to call a tool, answered by direct reply-to'],
  'tools.read': ['send', 'Between the services: a request for the servers, or for the tools that a caller may call'],
  'tools.review': ['send', 'Between the services: a request to trust a definition that a person has looked at'],
  'tool.cancelled': ['send', 'Between the services: whoever called a tool does not wait any more'],
  'mcp.heartbeat': ['send', 'Sent by every MCP coordinator every 5 s: how its servers are'],
  'mcp.server-changed': ['send', 'Sent by the MCP coordinator when a server is in another state'],
} as const satisfies Record<MessageKey, readonly ['send' | 'receive', string]>;

const keys = Object.keys(sides) as MessageKey[];

const howToSubmit = `Publish persistently and as \`mandatory\` to the exchange, with the key as the routing key.
The property \`message_id\` is the idempotency key: the same id with the same body makes one task, with another body a dead letter.
What is refused goes to \`dead-letters\` with the reason in the header \`${header.deadReason}\`.`;

type Members = Record<string, unknown>;

const table = <T>(of: (key: MessageKey) => T): Record<MessageKey, T> =>
  Object.fromEntries(keys.map((key) => [key, of(key)])) as Record<MessageKey, T>;

const exchangeBinding = (key: MessageKey): Members => {
  const { name, kind } = messages[key].exchange;
  const exchange = { name, type: kind, durable: true, autoDelete: false, vhost: '/' };
  return { amqp: { is: 'routingKey', exchange, bindingVersion: '0.3.0' } };
};

// The one message that is not routed by its own name.
const addressOf = (key: MessageKey): Members =>
  key === 'task.dispatch'
    ? { address: '{agent}', parameters: { agent: { description: 'Name of the agent', enum: [...builtInAgents] } } }
    : { address: key };

const channel = (key: MessageKey): Members => ({
  ...addressOf(key),
  title: key,
  description: sides[key][1],
  servers: [{ $ref: '#/servers/broker' }],
  messages: { [key]: { $ref: `#/components/messages/${key}` } },
  bindings: exchangeBinding(key),
});

const operation = (key: MessageKey): Members => ({
  action: sides[key][0],
  channel: { $ref: `#/channels/${key}` },
  summary: sides[key][1],
  ...(key === 'task.submit' && { description: howToSubmit }),
  messages: [{ $ref: `#/channels/${key}/messages/${key}` }],
  bindings: { amqp: { deliveryMode: 2, bindingVersion: '0.3.0' } },
});

const submitExamples = [
  {
    name: 'sales-by-region',
    summary: 'With message_id = "report-2026-11-23"',
    headers: {
      [header.apiKey]: 'pulser_...',
      [header.traceparent]: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    },
    payload: submissionExample,
  },
];

const message = (key: MessageKey, payload: object): Members => ({
  name: key,
  title: key,
  summary: sides[key][1],
  contentType: 'application/json',
  payload,
  ...(key === 'task.submit' && { headers: { $ref: '#/components/schemas/SubmitHeaders' }, examples: submitExamples }),
});

const bodies = table((key) => jsonSchema(messages[key].body));

const schemas = Object.assign(
  { SubmitHeaders: jsonSchema(SubmitHeaders).schema },
  ...Object.values(bodies).map(({ components }) => components),
) as Members;

/** The messages of this installation as an AsyncAPI 3.0 document: https://www.asyncapi.com/docs/reference/specification/v3.0.0 */
export const asyncApi = (version: string): Members => ({
  asyncapi: '3.0.0',
  info: {
    title: 'Pulser',
    version,
    description: 'What travels over RabbitMQ. Bodies are plain JSON; no framework envelope.',
    license: { name: 'AGPL-3.0-only' },
  },
  defaultContentType: 'application/json',
  servers: {
    broker: {
      host: 'localhost:5672',
      protocol: 'amqp',
      protocolVersion: '0.9.1',
      description: 'AMQP_URL of the services',
    },
  },
  channels: table(channel),
  operations: table(operation),
  components: { messages: table((key) => message(key, bodies[key].schema)), schemas },
});
