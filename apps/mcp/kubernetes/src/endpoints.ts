// How many pods stand behind services: from endpoint slices, or from endpoints in clusters that have none (before 1.21).
import { z } from 'zod';

import { type Cluster, parseAnswer } from './cluster.js';
import { failureOf } from './failures.policy.js';

export const Endpoints = z.object({ ready: z.int(), not_ready: z.int() });
type Endpoints = z.infer<typeof Endpoints>;

interface Service {
  readonly namespace: string;
  readonly name: string;
}

const Slices = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ namespace: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
      endpoints: z
        .array(z.object({ conditions: z.object({ ready: z.boolean().nullish() }).default({}) }))
        .nullish()
        .transform((endpoints) => endpoints ?? []),
    }),
  ),
});
const addresses = z.array(z.unknown()).default([]);
const OldEndpoints = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ namespace: z.string(), name: z.string() }),
      subsets: z.array(z.object({ addresses, notReadyAddresses: addresses })).default([]),
    }),
  ),
});

/** One service's share of an answer. */
interface Counted extends Service, Endpoints {}

const serviceLabel = 'kubernetes.io/service-name';

const countSlices = (text: string): readonly Counted[] =>
  parseAnswer(Slices, text).items.map(({ metadata, endpoints }) => {
    // An unknown condition counts as ready (API reference of EndpointConditions).
    const ready = endpoints.filter(({ conditions }) => conditions.ready !== false).length;
    const name = metadata.labels[serviceLabel] ?? '';
    return { namespace: metadata.namespace, name, ready, not_ready: endpoints.length - ready };
  });

const countOld = (text: string): readonly Counted[] =>
  parseAnswer(OldEndpoints, text).items.flatMap(({ metadata, subsets }) =>
    subsets.map((subset) => ({
      ...metadata,
      ready: subset.addresses.length,
      not_ready: subset.notReadyAddresses.length,
    })),
  );

const sumFor = (counted: readonly Counted[], { namespace, name }: Service): Endpoints =>
  counted
    .filter((one) => one.namespace === namespace && one.name === name)
    .reduce((sum, one) => ({ ready: sum.ready + one.ready, not_ready: sum.not_ready + one.not_ready }), {
      ready: 0,
      not_ready: 0,
    });

const within = (namespace: string | undefined, root: string, resource: string): string =>
  namespace === undefined ? `${root}/${resource}` : `${root}/namespaces/${namespace}/${resource}`;

const readSlices = (cluster: Cluster, namespace: string | undefined, services: readonly Service[]) => {
  const names = [...new Set(services.map(({ name }) => name))].join(',');
  return cluster.ask({
    path: within(namespace, '/apis/discovery.k8s.io/v1', 'endpointslices'),
    query: { labelSelector: `${serviceLabel} in (${names})` },
  });
};

const readCounts = async (cluster: Cluster, namespace: string | undefined, services: readonly Service[]) => {
  const slices = await readSlices(cluster, namespace, services);
  if (slices.status !== 404) return { ...slices, count: countSlices };
  return { ...(await cluster.ask({ path: within(namespace, '/api/v1', 'endpoints') })), count: countOld };
};

/**
 * Counts of each service, in their order; a note instead where the credential may not read them.
 * @param namespace undefined for all
 */
export const endpointsOf = async (
  cluster: Cluster,
  namespace: string | undefined,
  services: readonly Service[],
): Promise<{ readonly endpoints?: readonly Endpoints[]; readonly note?: string }> => {
  if (services.length === 0) return { endpoints: [] };
  const { status, text, headers, count } = await readCounts(cluster, namespace, services);
  if (status === 403) return { note: 'The credential may not read endpoints' };
  if (status !== 200) throw failureOf(status, text, headers.get('retry-after'));
  const counted = count(text);
  return { endpoints: services.map((service) => sumFor(counted, service)) };
};
