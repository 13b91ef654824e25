/** The children of a metric with one label, resolved once: `const finished = children(counter, agentNames)`. */
export const children = <const V extends string, C>(
  metric: { labels(value: string): C },
  values: readonly V[],
): Readonly<Record<V, C>> => Object.fromEntries(values.map((value) => [value, metric.labels(value)])) as Record<V, C>;
