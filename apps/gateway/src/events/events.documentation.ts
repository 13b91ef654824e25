import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiQuery } from '@nestjs/swagger';

import { Documented } from '../docs/documented.js';
import { taskIdParameter } from '../tasks/task-id-parameter.js';

const description = `Server-sent events: \`id\` is the number of the event, \`event\` its type (status, progress or log), \`data\` a
\`TaskEvent\` as JSON. All events from the first on are sent, then those that come. \`event: end\` says that none will follow.
A client that lost the connection comes back with the id of the last event it saw.`;

const example = `id: 0
event: status
data: {"type":"status","at":"2026-11-23T10:00:00.000Z","status":"queued","attempt":0}

event: end
data: {}

`;

const lastSeen = { required: false, schema: { type: 'string' as const, pattern: '^\\d{1,15}$' } };

/** What the API's documentation says of the event stream. */
export const documentedEvents = applyDecorators(
  Documented({
    id: 'streamTaskEvents',
    summary: 'Follow a task',
    description,
    answers: [
      {
        status: 200,
        description: 'A stream of events',
        content: { 'text/event-stream': { schema: { type: 'string' }, example } },
      },
    ],
    problems: ['invalid_request', 'not_found'],
  }),
  taskIdParameter,
  ApiHeader({ name: 'Last-Event-ID', description: 'Id of the last event seen', ...lastSeen }),
  ApiQuery({ name: 'last_event_id', description: 'The same, for clients that cannot set headers', ...lastSeen }),
);
