import { defineTool } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import { inNamespaces, ObjectName } from '../arguments.js';
import { withCluster } from '../cluster.js';
import { Event, eventsOf } from '../events.js';

const isSince = (at: string | undefined, minutes: number | undefined): boolean =>
  minutes === undefined || (at !== undefined && Date.parse(at) >= Date.now() - minutes * 60_000);

export const eventList = defineTool({
  name: 'k8s_event_list',
  title: 'List events',
  description: 'Lists recent events, warnings by default, newest first. The cluster keeps events for about an hour.',
  flag: 'read',
  input: z.object({
    ...inNamespaces,
    types: z.enum(['Warning', 'all']).default('Warning'),
    object_kind: z
      .string()
      .max(100)
      .regex(/^[A-Za-z]+$/)
      .optional()
      .describe('such as Pod'),
    object_name: ObjectName.optional(),
    since_minutes: z.int().min(1).max(1_440).optional(),
    limit: z.int().min(1).max(200).default(50),
  }),
  output: z.object({
    events: z.array(Event),
    truncated: z.boolean().describe('there are more: raise limit, or narrow the filter'),
  }),
  examples: [{ arguments: { namespace: 'web' } }, { arguments: { all_namespaces: true, since_minutes: 15 } }],
  run: (args, call) =>
    withCluster(call, async (cluster) => {
      const { items, complete } = await eventsOf(cluster, {
        namespace: args.all_namespaces ? undefined : (args.namespace ?? cluster.namespace),
        kind: args.object_kind,
        name: args.object_name,
        types: args.types,
      });
      const recent = items.filter(({ last_seen_at }) => isSince(last_seen_at, args.since_minutes));
      return { events: recent.slice(0, args.limit), truncated: !complete || recent.length > args.limit };
    }),
});
