import type { V1Namespace } from '@kubernetes/client-node';
import { defineTool } from '@pulser/mcp-server-kit';
import { z } from 'zod';

import {
  labelSelector,
  Labels,
  listQuery,
  NamespaceName,
  pageFields,
  pageIn,
  pageOf,
  Time,
  timeOf,
} from '../arguments.js';
import { fieldManager, withCluster } from '../cluster.js';
import { createOnce } from '../create-once.js';

const Namespace = z.object({
  name: z.string(),
  phase: z.string().describe('Active or Terminating'),
  labels: z.record(z.string(), z.string()),
  created_at: Time.optional(),
});

const viewOf = ({ metadata, status }: V1Namespace): z.input<typeof Namespace> => ({
  name: metadata?.name ?? '',
  phase: status?.phase ?? 'Unknown',
  labels: metadata?.labels ?? {},
  created_at: timeOf(metadata?.creationTimestamp),
});

export const namespaceList = defineTool({
  name: 'k8s_namespace_list',
  title: 'List namespaces',
  description: 'Lists the namespaces of the cluster with phase and labels, a page at a time.',
  flag: 'read',
  input: z.object({ ...labelSelector, ...pageOf(500) }),
  output: z.object({ namespaces: z.array(Namespace), ...pageFields }),
  examples: [{ arguments: {} }, { arguments: { label_selector: 'team=payments', limit: 20 } }],
  run: (args, call) =>
    withCluster(call, async ({ core }) => {
      const { items, metadata } = await core.listNamespace(listQuery(args));
      return { namespaces: items.map(viewOf), ...pageIn(metadata) };
    }),
});

export const namespaceCreate = defineTool({
  name: 'k8s_namespace_create',
  title: 'Create a namespace',
  description:
    'Creates a namespace with labels. A namespace of that name must not exist: otherwise the answer is a conflict.',
  flag: 'write',
  input: z.object({ name: NamespaceName, labels: Labels.default({}) }),
  output: Namespace,
  examples: [{ arguments: { name: 'staging', labels: { team: 'payments' } } }],
  run: ({ name, labels }, call) =>
    withCluster(call, async ({ core }) => {
      const created = await createOnce<V1Namespace>(
        call,
        { metadata: { name, labels } },
        {
          create: (body) => core.createNamespace({ body, fieldManager }),
          read: () => core.readNamespace({ name }),
        },
      );
      return viewOf(created);
    }),
});
